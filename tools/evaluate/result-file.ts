import { closeSync, openSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { TraceError } from './trace-file.ts';

/** Text gathered before it is written (and packed as one gzip member). */
const CHUNK_CHARACTERS = 1 << 20;

export interface ResultFile extends Disposable {
  /** Writes one JSON line. */
  write(result: object): void;
  readonly lines: number;
}

/** Opens a result file; what ends in `.gz` is packed. An existing file is replaced. */
export function openResults(path: string): ResultFile {
  let file: number;
  try {
    file = openSync(path, 'w');
  } catch (cause) {
    throw new TraceError(`the results cannot be written to ${path}`, { cause });
  }
  let text = '';
  let lines = 0;
  const flush = () => {
    if (text === '') return;
    const bytes = Buffer.from(text);
    writeSync(file, path.endsWith('.gz') ? gzipSync(bytes) : bytes);
    text = '';
  };
  return {
    write(result) {
      text += `${JSON.stringify(result)}\n`;
      lines += 1;
      if (text.length >= CHUNK_CHARACTERS) flush();
    },
    get lines() {
      return lines;
    },
    [Symbol.dispose]() {
      flush();
      closeSync(file);
    },
  };
}
