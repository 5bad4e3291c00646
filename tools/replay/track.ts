import type { Device } from '#simulators/devices/device.ts';

/** One recorded device on its wire. Positions are seconds from the start of the recording. */
export interface Track {
  /** Suits as a device id in a site file. */
  readonly name: string;
  /** The edge driver that reads it. */
  readonly driver: string;
  /** Fields that the site file should give the device beside its transport. */
  readonly facts: Readonly<Record<string, number>>;
  /** Absent for a camera. */
  readonly device?: Device;
  /** The picture of now, for a camera. */
  readonly picture?: () => Uint8Array | undefined;
  /** Plays up to a position; false once the recording is over. Never called with an earlier position. */
  advance(position: number): boolean;
}

/** Takes the elements of a recording that are due; keeps the next one until its time has come. */
export function duePart<T>(elements: Iterator<T>, timeOf: (element: T) => number) {
  let next = elements.next();
  return {
    take(position: number, use: (element: T) => void): boolean {
      while (!next.done && timeOf(next.value) <= position) {
        use(next.value);
        next = elements.next();
      }
      return !next.done;
    },
  };
}
