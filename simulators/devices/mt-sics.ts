import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Random } from '#simulators/random.ts';
import { type Conversation, type Device, lineReader, type Send } from './device.ts';

/**
 * A hanging scale with a Mettler-Toledo MT-SICS interface, levels 0 and 1. Written from "MT-SICS Interface Commands": answers are `ID status value unit`,
 * the value right-aligned in ten characters, every line ends with CR LF.
 */
export interface ScaleOptions {
  /** What hangs on the hook, grams. */
  readonly load: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly serialNumber: string;
}

const MAX_GRAMS = 5000;
const NOISE_GRAMS = 0.04;
/** The reading is stable when it has moved less than this within the last second. */
const STABLE_GRAMS = 0.25;
const STABLE_MS = 1000;
/** `S` waits this long for a stable value, then answers `S I`. */
const STABLE_TIMEOUT_MS = 3000;
const REPEAT = milliseconds(200);

export function mtSicsScale({ load, clock, random: r, serialNumber }: ScaleOptions): Device {
  let zero = r.normal(0.5);
  let seen = { at: clock.elapsed() as number, grams: load() + zero };
  let movedAt: number = -STABLE_MS;

  function measure(): { grams: number; isStable: boolean } {
    const now = clock.elapsed();
    const grams = load() + zero + r.normal(NOISE_GRAMS);
    if (Math.abs(grams - seen.grams) > STABLE_GRAMS) {
      movedAt = now;
      seen = { at: now, grams };
    } else if (now - seen.at > STABLE_MS) seen = { at: now, grams };
    return { grams, isStable: now - movedAt >= STABLE_MS };
  }
  function say(status: (isStable: boolean) => string): string {
    const { grams, isStable } = measure();
    if (grams > MAX_GRAMS) return 'S +';
    if (grams < -MAX_GRAMS * 0.02) return 'S -';
    return `S ${status(isStable)} ${(Math.round(grams * 10) / 10 + 0).toFixed(1).padStart(10)} g`;
  }
  const immediate = () => say((isStable) => (isStable ? 'S' : 'D'));

  function converse(send: Send): Conversation {
    let cancel: () => void = () => undefined;
    const answer = (line: string) => send(`${line}\r\n`);
    const stop = () => {
      cancel();
      cancel = () => undefined;
    };
    const stable = (until: number) => {
      const { isStable } = measure();
      if (isStable) answer(say(() => 'S'));
      else if (clock.elapsed() >= until) answer('S I');
      else cancel = clock.after(milliseconds(100), () => stable(until));
    };
    const commands: Record<string, () => void> = {
      '@': () => answer(`I4 A "${serialNumber}"`),
      I0: () => answer('I0 B 0 "I0"'),
      I1: () => answer('I1 A "01" "2.30" "" "" ""'),
      I2: () => answer('I2 A "WM-hang" "5000.0 g"'),
      I3: () => answer('I3 A "1.10"'),
      I4: () => answer(`I4 A "${serialNumber}"`),
      SI: () => answer(immediate()),
      S: () => stable(clock.elapsed() + STABLE_TIMEOUT_MS),
      SIR() {
        answer(immediate());
        cancel = clock.every(REPEAT, () => answer(immediate()));
      },
      Z() {
        if (Math.abs(load()) > 100) return answer('Z +');
        zero = r.normal(0.05);
        answer('Z A');
      },
      ZI() {
        zero = r.normal(0.05);
        answer('ZI S');
      },
    };
    const receive = lineReader('\r\n', (line) => {
      const run = commands[line];
      // "ES": syntax error; any known command ends a running repetition.
      if (!run) return answer('ES');
      if (!line.startsWith('I')) stop();
      run();
    });
    return { receive, close: stop };
  }
  return { connect: converse };
}
