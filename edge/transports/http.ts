import { type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { asError, OperationalError } from '#runtime/errors.ts';
import type { Connect } from './transport.ts';

/** A camera of the ward makes 20 to 400 kB; what is larger is cut off before it fills the memory. */
const BYTES_MAX = 4 * 1024 * 1024;
const DEADLINE_MS = 10_000;

/** Fetches one picture. Throws OperationalError for anything but a JPEG of bearable size in time. */
export async function fetchPicture(url: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'image/jpeg' } });
    const type = response.headers.get('content-type') ?? 'no content type';
    if (!response.ok || !response.body || !/^image\/jpe?g\b/i.test(type)) {
      await response.body?.cancel();
      throw new OperationalError('INPUT_INVALID', response.ok ? `${type} in place of image/jpeg` : `HTTP status ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    const body = response.body.getReader();
    let size = 0;
    for (let part = await body.read(); !part.done; part = await body.read()) {
      size += part.value.length;
      if (size > BYTES_MAX) {
        await body.cancel();
        throw new OperationalError('INPUT_INVALID', `a picture of more than ${BYTES_MAX} bytes`);
      }
      chunks.push(part.value);
    }
    return Buffer.concat(chunks, size);
  } catch (thrown) {
    if (thrown instanceof OperationalError) throw thrown;
    const error = asError(thrown);
    throw new OperationalError('PORT_GONE', error.cause instanceof Error ? error.cause.message : error.message, { cause: error });
  }
}

/** Asks for a picture every `every`, the first after `delay`: each picture is one chunk. A picture that cannot be had ends the connection, which is tried again later. */
export const httpPictures =
  (url: string, every: Milliseconds, delay: Milliseconds, clock: Clock): Connect =>
  (ears) => {
    const stop = new AbortController();
    let isClosed = false;
    let isOpen = false;
    let cancel: () => void = () => undefined;
    const look = async () => {
      const startedAt = clock.elapsed();
      try {
        const picture = await fetchPicture(url, AbortSignal.any([stop.signal, AbortSignal.timeout(DEADLINE_MS)]));
        if (isClosed) return;
        if (!isOpen) ears.opened();
        isOpen = true;
        ears.heard(picture);
        if (!isClosed) cancel = clock.after(milliseconds(Math.max(0, every - (clock.elapsed() - startedAt))), () => void look());
      } catch (thrown) {
        if (isClosed) return;
        isClosed = true;
        ears.closed(`${url}: ${asError(thrown).message}`);
      }
    };
    cancel = clock.after(delay, () => void look());
    return {
      write: () => false,
      close() {
        isClosed = true;
        cancel();
        stop.abort();
      },
    };
  };
