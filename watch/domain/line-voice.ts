import type { Instant } from '#contracts/units.ts';
import type { Infusion } from '#contracts/ward-state.ts';
import type { Deadlines, Sleeper } from './deadlines.ts';
import { infusionOf, type Line } from './line.ts';

const AT_MOST_EVERY_MS = 1000;
const AT_LEAST_EVERY_MS = 5000;
/** A figure has changed for the eye from here on. */
const SHOWN_ML = 1;
const SHOWN_ML_PER_HOUR = 1;

/** Says a line's infusion: at once when a shown figure has changed, at most once a second; every 5 s while readings come. */
export interface LineVoice extends Sleeper {
  /** Call after each evaluation of the line. */
  consider(now: Instant): void;
}

export function createLineVoice(line: Line, deadlines: Deadlines, say: (infusion: Infusion) => void): LineVoice {
  let said: Infusion | undefined;
  let saidAt = Number.NEGATIVE_INFINITY;

  const speak = (now: Instant) => {
    said = infusionOf(line, now);
    saidAt = now;
    say(said);
  };

  const voice: LineVoice = {
    scheduledAt: Number.POSITIVE_INFINITY,
    wake(now) {
      if (now - saidAt < AT_MOST_EVERY_MS) return saidAt + AT_MOST_EVERY_MS;
      if (said === undefined || hasChanged(said, line, now)) speak(now);
      return undefined;
    },
    consider(now) {
      const since = now - saidAt;
      if (since >= AT_LEAST_EVERY_MS) return speak(now);
      // Waiting for its turn already: it looks at what has changed then.
      if (since < AT_MOST_EVERY_MS && voice.scheduledAt !== Number.POSITIVE_INFINITY) return;
      if (said === undefined || !hasChanged(said, line, now)) return;
      if (since >= AT_MOST_EVERY_MS) speak(now);
      else deadlines.ensure(voice, saidAt + AT_MOST_EVERY_MS);
    },
  };
  return voice;
}

const differs = (a: number | undefined, b: number | undefined, by: number): boolean =>
  a === undefined || b === undefined ? a !== b : Math.abs(a - b) >= by;

/** Has anything changed that a nurse sees? Works without building the message. */
function hasChanged(said: Infusion, line: Line, now: Instant): boolean {
  const { figures, order } = line;
  if (said.quality !== figures.quality) return true;
  if (differs(said.remainingMl, figures.remainingMl, SHOWN_ML) || differs(said.flowMlPerHour, figures.flowMlPerHour, SHOWN_ML_PER_HOUR))
    return true;
  const isNothing = order === undefined && (figures.state === 'no_bag' || figures.quality === 'unknown');
  if (said.state !== (isNothing ? 'none' : figures.state)) return true;
  if (said.order !== order?.order || said.orderedRateMlPerHour !== order?.rateMlPerHour || said.patient !== order?.patient) return true;
  let i = 0;
  for (const device of line.devices)
    for (const source of device.sources) {
      const shown = said.sources[i++];
      if (shown === undefined) return i <= said.sources.length;
      if (shown.device !== source.device || shown.kind !== source.kind) return true;
      if (shown.isSilent !== now - source.measuredAt > device.silentAfterMs) return true;
    }
  return i < said.sources.length;
}
