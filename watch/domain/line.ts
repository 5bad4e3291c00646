import type { AlarmKindName } from '#contracts/alarm-kinds.ts';
import type { Finding } from '#contracts/findings.ts';
import { type Instant, instant, later, timeToEmpty } from '#contracts/units.ts';
import type { Infusion, Order } from '#contracts/ward-state.ts';
import type { DeviceState } from './device-state.ts';
import { anchorOfKnown, anchorOfOrder, type DripAnchor, remainingOf, USUAL_DROPS_PER_ML } from './drip-volume.ts';
import type { Episodes, Subject } from './episodes.ts';
import { type Figures, NO_FIGURES } from './figures.ts';
import { fuse } from './fuse.ts';
import { type Limits, nearEmptyOf } from './limits.ts';
import { type LineRule, type LineView, lineRules } from './line-rules.ts';
import type { Source } from './source.ts';

/** Everything known of one line of a bed. Changed only by the functions of this file and the watch. */
export interface Line {
  readonly subject: Subject & { readonly bed: string; readonly line: string };
  readonly limits: Limits;
  readonly devices: Set<DeviceState>;
  order: Order | undefined;
  figures: Figures;
  anchor: DripAnchor | undefined;
  /** Findings that are present: the hysteresis of the rules. */
  readonly present: Set<AlarmKindName>;
  /** Touched since the last evaluation; avoids evaluating a line twice for one batch. */
  isTouched: boolean;
}

export const createLine = (ward: string, bed: string, line: string, limits: Limits): Line => ({
  subject: { ward, subject: `${bed}.${line}`, bed, line },
  limits,
  devices: new Set(),
  order: undefined,
  figures: NO_FIGURES,
  anchor: undefined,
  present: new Set(),
  isTouched: false,
});

export const sourcesOf = ({ devices }: Line): Source[] => {
  const sources: Source[] = [];
  for (const device of devices) for (const source of device.sources) sources.push(source);
  return sources;
};
const isLiveAt = (line: Line, source: Source, now: Instant): boolean => {
  for (const device of line.devices) if (device.id === source.device) return now - source.measuredAt <= device.silentAfterMs;
  return false;
};

/** Works out the figures anew from the sources. */
export function estimate(line: Line, now: Instant): void {
  const { order, figures: previous } = line;
  const sources = sourcesOf(line);
  const isLive = (source: Source) => isLiveAt(line, source, now);
  const drip = dripOf(line, sources, isLive);
  const next = fuse({
    sources,
    isLive,
    previous,
    ...(order ? { volumeMl: order.volumeMl } : {}),
    ...(drip ? { dripRemaining: drip } : {}),
  });
  if (drip && next.remainingBy !== drip.device) tieDrops(line, drip.device, sources, next);
  line.figures = next;
}

/** A new reading of a source that measures volume ties the count of drops to it, so that drops go on from there when that source falls silent. */
function tieDrops(line: Line, counter: string, sources: readonly Source[], { remainingBy, remainingMl, remainingBoundMl }: Figures): void {
  const measured = sources.find(({ device, kind }) => device === remainingBy && kind !== 'drip');
  const drops = sources.find(({ device, kind }) => device === counter && kind === 'drip');
  if (!measured || drops?.value.kind !== 'drip' || remainingMl === undefined) return;
  if (line.anchor && measured.measuredAt <= line.anchor.at) return;
  const { dropCount } = drops.value;
  line.anchor = { device: counter, dropCount, remainingMl, boundMl: remainingBoundMl ?? 0, at: measured.measuredAt };
}

/** What drops say is left of a running order; ties their count to a volume where that has not been done. */
function dripOf(line: Line, sources: readonly Source[], isLive: (source: Source) => boolean) {
  const { order } = line;
  if (order?.state !== 'running') return undefined;
  let counter: Source | undefined;
  for (const source of sources)
    if (source.kind === 'drip' && isLive(source) && (!counter || source.device < counter.device)) counter = source;
  if (counter?.value.kind !== 'drip') return undefined;
  const { value, device, measuredAt } = counter;
  const { anchor, figures } = line;
  if (!anchor || anchor.device !== device || value.dropCount < anchor.dropCount) {
    const isKnown = figures.remainingMl !== undefined && figures.measuredAt !== undefined;
    line.anchor = isKnown
      ? anchorOfKnown(
          {
            remainingMl: figures.remainingMl!,
            boundMl: figures.remainingBoundMl ?? 0,
            flowMlPerHour: figures.flowMlPerHour ?? order.rateMlPerHour,
            at: figures.measuredAt!,
          },
          device,
          value,
          measuredAt,
        )
      : anchorOfOrder(order, device, value, measuredAt);
  }
  let dropsPerMl = order.dropsPerMl;
  if (dropsPerMl === undefined) for (const one of line.devices) if (one.id === device) dropsPerMl = one.dropsPerMl as typeof dropsPerMl;
  return remainingOf(line.anchor!, value, dropsPerMl ?? USUAL_DROPS_PER_ML);
}

/**
 * States what has become so or is no longer so. Without a live source nothing new is known: what was so stays while the order runs, and ends with it.
 * `at`: when what settles it was measured or ordered.
 */
export function judge(line: Line, at: Instant, episodes: Episodes): void {
  const { figures, order, limits, present } = line;
  if (figures.quality !== 'live' && figures.quality !== 'questionable') {
    if (present.size > 0 && order?.state !== 'running') endAll(line, at, episodes);
    return;
  }
  let hasPump = false;
  let hasPumpAlarm = false;
  for (const device of line.devices) {
    hasPumpAlarm ||= device.fault === 'PUMP_ALARM';
    for (const source of device.sources) hasPump ||= source.kind === 'pump';
  }
  const view: LineView = { figures, order, limits, hasPump, hasPumpAlarm };
  for (const rule of lineRules) {
    const was = present.has(rule.kind);
    const isSo = rule.isSo(view, was);
    if (isSo === undefined || isSo === was) continue;
    if (isSo) {
      present.add(rule.kind);
      episodes.open(rule.kind, line.subject, groundsOf(line, view, rule, at));
    } else {
      present.delete(rule.kind);
      episodes.close(rule.kind, line.subject, groundsOf(line, view, rule, at));
    }
  }
}

function endAll(line: Line, at: Instant, episodes: Episodes): void {
  const evidence = [{ source: 'records', what: 'order', value: line.order?.state ?? 'none' }];
  for (const kind of line.present) episodes.close(kind, line.subject, { at, evidence });
  line.present.clear();
}

function groundsOf(line: Line, view: LineView, rule: LineRule, at: Instant) {
  const { what, by, ...measured } = rule.measure(view);
  const evidence: Finding['evidence'] = [];
  for (const source of sourcesOf(line)) {
    if (by !== undefined && source.device !== by) continue;
    const said = source.value as unknown as Readonly<Record<string, unknown>>;
    const own = said[what];
    const value = typeof own === 'number' || typeof own === 'string' ? own : measured.value;
    if (value !== undefined) evidence.push({ source: source.device, what, value, measuredAt: source.measuredAt });
  }
  if (by === undefined && line.order) evidence.push({ source: 'records', what: 'order', value: line.order.state });
  return { at, ...measured, evidence: evidence.slice(0, 16) };
}

/** The line as it is shown. */
export function infusionOf(line: Line, now: Instant): Infusion {
  const { subject, figures, order, limits } = line;
  const { ward, bed, line: name } = subject;
  const sources = sourcesOf(line);
  const { remainingMl, remainingBoundMl, flowMlPerHour, flowBoundMlPerHour, measuredAt } = figures;
  const isNothing = order === undefined && (figures.state === 'no_bag' || figures.quality === 'unknown');
  const lasts = remainingMl !== undefined && flowMlPerHour !== undefined ? timeToEmpty(remainingMl, flowMlPerHour) : undefined;
  return {
    schema: 'infusion.v1',
    ward,
    bed,
    line: name,
    ...(order ? { order: order.order, label: order.label, orderedRateMlPerHour: order.rateMlPerHour, volumeMl: order.volumeMl } : {}),
    ...(order ? { nearEmptyMl: nearEmptyOf(order, limits) } : {}),
    ...(order?.patient === undefined ? {} : { patient: order.patient }),
    state: isNothing ? 'none' : figures.state,
    ...(remainingMl === undefined ? {} : { remainingMl }),
    ...(remainingBoundMl === undefined ? {} : { remainingBoundMl }),
    ...(flowMlPerHour === undefined ? {} : { flowMlPerHour }),
    ...(flowBoundMlPerHour === undefined ? {} : { flowBoundMlPerHour }),
    ...(lasts === undefined || lasts > EMPTY_AT_MS_MAX ? {} : { emptyAt: instant(Math.round(later(measuredAt ?? now, lasts))) }),
    sources: sources.slice(0, SOURCES_MAX).map((source) => ({
      device: source.device,
      kind: source.kind,
      measuredAt: source.measuredAt,
      isSilent: !isLiveAt(line, source, now),
    })),
    quality: figures.quality,
    ...(measuredAt === undefined ? {} : { measuredAt }),
    at: now,
  };
}
/** Beyond a month a time to empty says nothing. */
const EMPTY_AT_MS_MAX = 31 * 86_400_000;
const SOURCES_MAX = 8;

/** Takes the last known figures from our own retained message: what was said before a restart, not fresher than it was. */
export function figuresOf(infusion: Infusion): Figures {
  const { remainingMl, remainingBoundMl, flowMlPerHour, flowBoundMlPerHour, measuredAt, state } = infusion;
  if (infusion.quality === 'unknown' || state === 'none') return NO_FIGURES;
  return {
    state,
    quality: 'stale',
    isRunOut: false,
    ...(remainingMl === undefined ? {} : { remainingMl }),
    ...(remainingBoundMl === undefined ? {} : { remainingBoundMl }),
    ...(flowMlPerHour === undefined ? {} : { flowMlPerHour }),
    ...(flowBoundMlPerHour === undefined ? {} : { flowBoundMlPerHour }),
    ...(measuredAt === undefined ? {} : { measuredAt: instant(measuredAt) }),
  };
}
