import type { Alarm } from '#contracts/alarms.ts';
import type { Infusion, Occupancy } from '#contracts/ward-state.ts';
import { byUrgency, isAnswered } from './alarms.ts';

export interface LineView {
  readonly line: string;
  readonly infusion: Infusion | undefined;
}
export type TileSize = 'now' | 'soon' | 'calm';
export interface BedView {
  readonly ward: string;
  readonly bed: string;
  readonly occupancy: Occupancy['state'] | 'unknown';
  readonly lines: readonly LineView[];
  /** The line that a nurse should look at first. */
  readonly first: LineView | undefined;
  /** Most urgent first. */
  readonly alarms: readonly Alarm[];
  readonly size: TileSize;
  /** When the first container of the bed will be empty. */
  readonly emptyAt: number | undefined;
}

const SOON_MS = 30 * 60_000;
const isHanging = (infusion: Infusion | undefined): infusion is Infusion => infusion !== undefined && infusion.state !== 'none';

/** One bed with all that the ward board says about it. */
export function bedView(
  ward: string,
  bed: { id: string; lines: readonly string[] },
  now: number,
  sources: {
    infusion(line: string): Infusion | undefined;
    occupancy: Occupancy | undefined;
    alarms: readonly Alarm[];
  },
): BedView {
  const alarms = sources.alarms.toSorted(byUrgency);
  const alarmed = alarms[0]?.line;
  const lines = bed.lines.map((line) => ({ line, infusion: sources.infusion(line) }));
  const hanging = lines.filter(({ infusion }) => isHanging(infusion));
  const first =
    hanging.find(({ line }) => line === alarmed) ??
    hanging.toSorted((a, b) => (a.infusion?.emptyAt ?? Infinity) - (b.infusion?.emptyAt ?? Infinity))[0];
  const ends = hanging.flatMap(({ infusion }) => (infusion?.emptyAt === undefined ? [] : [infusion.emptyAt as number]));
  const emptyAt = ends.length > 0 ? Math.min(...ends) : undefined;
  const urgent = alarms.some((alarm) => !isAnswered(alarm) && alarm.priority !== 'low');
  const soon = alarms.length > 0 || (emptyAt !== undefined && emptyAt - now < SOON_MS);
  return {
    ward,
    bed: bed.id,
    occupancy: sources.occupancy?.state ?? 'unknown',
    lines,
    first,
    alarms,
    size: urgent ? 'now' : soon ? 'soon' : 'calm',
    emptyAt,
  };
}

/** 0 alarm, 1 hanging with an end, 2 hanging without a known end, 3 occupied, 4 free. */
function rank(bed: BedView): number {
  if (bed.alarms.length > 0) return 0;
  if (bed.first) return bed.emptyAt === undefined ? 2 : 1;
  return bed.occupancy === 'occupied' ? 3 : 4;
}

/** Worst first: alarms by urgency, then who is empty next, then what is not known, then empty beds. */
export function worstFirst(a: BedView, b: BedView): number {
  const [x, y] = [a.alarms[0], b.alarms[0]];
  return (
    rank(a) - rank(b) ||
    (x && y ? byUrgency(x, y) : 0) ||
    (a.emptyAt ?? Infinity) - (b.emptyAt ?? Infinity) ||
    a.bed.localeCompare(b.bed, 'en', { numeric: true })
  );
}

/** Containers that will be empty within an hour, next first. */
export function nextHour(beds: readonly BedView[], now: number): { bed: BedView; line: string; at: number }[] {
  return beds
    .flatMap((bed) =>
      bed.lines.flatMap(({ line, infusion }) =>
        isHanging(infusion) && infusion.emptyAt !== undefined && infusion.emptyAt - now < 3_600_000 && infusion.emptyAt > now
          ? [{ bed, line, at: infusion.emptyAt as number }]
          : [],
      ),
    )
    .sort((a, b) => a.at - b.at);
}

export type Freshness = { readonly isFresh: true } | { readonly isFresh: false; readonly since: number | undefined };
/** Whatever a service says of itself, a figure this old is no longer live (a camera looks every 30 s). */
const LIMIT_MS = 120_000;

/** Is the figure live? Not when its source fell silent, when the screen is cut off, or when the service that computes it is down. */
export function freshnessOf(infusion: Infusion, now: number, deadSince: number | undefined, watchDownSince: number | undefined): Freshness {
  const since = infusion.measuredAt;
  const isOld = since !== undefined && now - since > LIMIT_MS;
  if (infusion.quality === 'stale' || isOld || deadSince !== undefined || watchDownSince !== undefined) return { isFresh: false, since };
  return { isFresh: true };
}
