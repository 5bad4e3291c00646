import { type Instant, instant } from '#contracts/units.ts';

export interface LocalDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Throws RangeError for a time zone that the runtime does not know. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** What the wall clock of the zone shows at an instant, as if it were UTC, in milliseconds. */
function shownAt(timeZone: string, at: number): number {
  const part = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes) => part.get(type) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/** The calendar day of the zone at an instant. */
export function localDayOf(timeZone: string, at: Instant): LocalDay {
  const shown = new Date(shownAt(timeZone, at));
  return { year: shown.getUTCFullYear(), month: shown.getUTCMonth() + 1, day: shown.getUTCDate() };
}

/**
 * The instant at which the clock of the zone shows `minutes` after midnight of the day. Where the clock is put back, the first of the two; where it
 * is put forward, the instant that the old offset gives.
 */
export function instantOfLocal(timeZone: string, { year, month, day }: LocalDay, minutes: number): Instant {
  const wanted = Date.UTC(year, month - 1, day) + minutes * 60_000;
  const offsetAt = (at: number) => shownAt(timeZone, at) - at;
  // The offsets in force a day before and after are the only candidates around a change of the clock.
  const before = wanted - offsetAt(wanted - DAY_MS);
  if (shownAt(timeZone, before) === wanted) return instant(before);
  const after = wanted - offsetAt(wanted + DAY_MS);
  return instant(shownAt(timeZone, after) === wanted ? after : before);
}

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;
/** Minutes after midnight of `07:00`; undefined for anything else. */
export function minutesOfClock(text: string): number | undefined {
  const [, hour, minute] = CLOCK.exec(text) ?? [];
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute);
}

/**
 * A shift told by its local clock times. One that ends at or before its begin goes over midnight: before its end it began yesterday, after it begins today.
 */
export function shiftOfClock(timeZone: string, from: number, until: number, now: Instant): { from: Instant; until: Instant } {
  const today = localDayOf(timeZone, now);
  const dayAfter = (days: number): LocalDay => {
    const shifted = new Date(Date.UTC(today.year, today.month - 1, today.day + days));
    return { year: shifted.getUTCFullYear(), month: shifted.getUTCMonth() + 1, day: shifted.getUTCDate() };
  };
  if (until > from) return { from: instantOfLocal(timeZone, today, from), until: instantOfLocal(timeZone, today, until) };
  const isYesterdays = now < instantOfLocal(timeZone, today, until);
  return {
    from: instantOfLocal(timeZone, dayAfter(isYesterdays ? -1 : 0), from),
    until: instantOfLocal(timeZone, dayAfter(isYesterdays ? 0 : 1), until),
  };
}
