/** Turns a stream of bytes into frames, however the bytes are cut. Its memory is bounded by its longest frame. */
export interface Framing<Frame> {
  /** `onGarbled` is called once for each stretch of bytes that belongs to no frame. */
  take(bytes: Uint8Array, onFrame: (frame: Frame) => void, onGarbled: () => void): void;
  /** Forgets a frame begun before the connection broke. */
  reset(): void;
}
