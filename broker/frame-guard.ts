import type { Bounds } from './bounds.ts';

/** What a server may receive, by the number in the fixed header, and the most bytes that follow it. [MQTT-2.2.1] */
const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const PACKET_ID_ONLY = [4, 5, 6, 7];
const EMPTY = [12, 14];

export interface FrameGuard {
  /** Takes the next bytes of a connection; says what is wrong with them, if anything. After a problem the connection must end. */
  take(chunk: Uint8Array, isLoggedIn: boolean): string | undefined;
}

/**
 * Walks along the packets of one connection without decoding them. The parser behind it has no limit on what it gathers, and lets packet id 0 of a
 * subscription through. [MQTT-2.3.1-1]
 */
export function frameGuard(bounds: Bounds): FrameGuard {
  let type = 0;
  /** Bytes of the length field read so far; -1 before the first byte of a packet. */
  let lengthBytes = -1;
  let length = 0;
  /** Bytes of the body still to come, and those of the packet id still to be looked at. */
  let body = 0;
  let idBytes = 0;
  let id = 0;
  let beforeLogin = 0;

  const bodyMaxOf = (isLoggedIn: boolean): number => {
    if (type === CONNECT) return bounds.loginBytesMax;
    if (type === PUBLISH || type === SUBSCRIBE || type === UNSUBSCRIBE) return isLoggedIn ? bounds.packetBytesMax : bounds.loginBytesMax;
    if (PACKET_ID_ONLY.includes(type)) return 2;
    return EMPTY.includes(type) ? 0 : -1;
  };

  return {
    take(chunk, isLoggedIn) {
      if (!isLoggedIn) {
        beforeLogin += chunk.length;
        if (beforeLogin > bounds.loginBytesMax) return `more than ${bounds.loginBytesMax} bytes before login`;
      }
      let i = 0;
      while (i < chunk.length) {
        if (lengthBytes < 0) {
          type = chunk[i++]! >> 4;
          lengthBytes = 0;
          length = 0;
          continue;
        }
        if (body === 0) {
          const byte = chunk[i++]!;
          length += (byte & 0x7f) * 128 ** lengthBytes++;
          if (byte & 0x80) {
            if (lengthBytes === 4) return 'packet length of more than four bytes';
            continue;
          }
          const bodyMax = bodyMaxOf(isLoggedIn);
          if (bodyMax < 0) return `packet of type ${type}`;
          if (length > bodyMax) return `packet of ${length} bytes: at most ${bodyMax} are allowed`;
          body = length;
          idBytes = type === SUBSCRIBE || type === UNSUBSCRIBE ? 2 : 0;
          id = 0;
          if (body === 0) lengthBytes = -1;
          continue;
        }
        if (idBytes > 0) {
          id = id * 256 + chunk[i++]!;
          body--;
          if (--idBytes === 0 && id === 0) return 'packet id 0';
        } else {
          const skipped = Math.min(body, chunk.length - i);
          i += skipped;
          body -= skipped;
        }
        if (body === 0) lengthBytes = -1;
      }
      return undefined;
    },
  };
}
