import type { Transport } from '#contracts/site.ts';
import { type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Place } from './places.ts';
import { openWires } from './wires.ts';

const STEP: Milliseconds = milliseconds(20);

export interface Replayed {
  readonly id: string;
  readonly driver: string;
  readonly transport: Transport;
  readonly facts: Readonly<Record<string, number>>;
}

export interface Replay extends AsyncDisposable {
  readonly devices: readonly Replayed[];
  /** Seconds of the recording played so far. */
  readonly position: number;
  /** Resolves when every recording is over; rejects with TraceError where one cannot be read on. */
  readonly finished: Promise<void>;
}

/** Plays recordings on their wires, `speed` times as fast as they were made. The common clock starts when the first host connects to any of them. */
export async function openReplay(places: readonly Place[], speed: number, clock: Clock): Promise<Replay> {
  let startedAt: number | undefined;
  let position = 0;
  const wires = await openWires(places, () => {
    startedAt ??= clock.elapsed();
  });
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
  const running = new Set(places.map(({ track }) => track));
  const stop = clock.every(STEP, () => {
    if (startedAt === undefined) return;
    position = ((clock.elapsed() - startedAt) / 1000) * speed;
    try {
      for (const track of running) if (!track.advance(position)) running.delete(track);
    } catch (thrown) {
      stop();
      reject(thrown);
      return;
    }
    if (running.size > 0) return;
    stop();
    resolve();
  });
  return {
    devices: places.map(({ id, track }) => ({ id, driver: track.driver, transport: wires.transports.get(id)!, facts: track.facts })),
    get position() {
      return position;
    },
    finished,
    async [Symbol.asyncDispose]() {
      stop();
      await wires[Symbol.asyncDispose]();
    },
  };
}
