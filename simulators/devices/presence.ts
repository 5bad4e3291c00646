import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { audience, type Device } from './device.ts';

/** A room sensor: `P,1` or `P,0` with CR LF at every change, and every 5 s. */
export function presenceSensor(isPresent: () => boolean, clock: Clock): Device {
  const { say, device } = audience();
  let last = isPresent();
  let quiet = 0;
  const line = () => `P,${last ? 1 : 0}\r\n`;
  clock.every(milliseconds(500), () => {
    const now = isPresent();
    quiet += 500;
    if (now === last && quiet < 5000) return;
    last = now;
    quiet = 0;
    say(line());
  });
  return {
    connect(send) {
      send(line());
      return device.connect(send);
    },
  };
}
