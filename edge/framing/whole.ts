import type { Framing } from './framing.ts';

/** For transports that deliver whole messages: every chunk is a frame. */
export const whole = (): Framing<Uint8Array> => ({
  take: (bytes, onFrame) => onFrame(bytes),
  reset: () => undefined,
});
