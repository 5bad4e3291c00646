import type { Duplex } from 'node:stream';

/**
 * Makes `read()` of a stream give all that has arrived, and shows it to `see` first. Since Node 26 `read()` gives one chunk; Aedes reads once for
 * each `readable` and would wait for ever for the rest of a packet that came in pieces. A problem that `see` returns ends the stream.
 */
export function readWhole<Stream extends Duplex>(stream: Stream, see: (chunk: Buffer) => string | undefined): Stream {
  const read = stream.read.bind(stream);
  stream.read = (size?: number) => {
    const chunk: Buffer | null = read(size ?? (stream.readableLength > 0 ? stream.readableLength : undefined));
    if (chunk === null) return null;
    const problem = see(chunk);
    if (problem === undefined) return chunk;
    stream.destroy(new Error(problem));
    return null;
  };
  return stream;
}
