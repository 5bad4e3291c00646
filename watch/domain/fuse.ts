import type { DripState, PumpState } from '#contracts/readings.ts';
import { type Instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import type { Figures, InfusionState } from './figures.ts';
import { FIXED } from './limits.ts';
import { FREE_FLOW_READINGS, type Source, type SourceKind, steadyFlow } from './source.ts';

/** Half-widths taken where a device states none. */
const NOMINAL = {
  /** Share of the flow. Drips: ISO 8536-4 allows 1 ± 0.1 ml per 20 drops. Pumps: the usual ±5 % of a volumetric pump. */
  flowShare: { weight: 0.1, drip: 0.1, pump: 0.05, level: 0.3 } satisfies Record<SourceKind, number>,
  /** Share of what was hung, and least. */
  remainingShare: { weight: 0.03, drip: 0.1, pump: 0.05, level: 0.1 } satisfies Record<SourceKind, number>,
  remainingMl: 5,
  volumeMl: 500,
};

export interface FuseInput {
  /** Every source of the line; only live ones count. */
  readonly sources: readonly Source[];
  isLive(source: Source): boolean;
  /** What drops alone say is left (see `drip-volume.ts`). */
  readonly dripRemaining?: { readonly device: string; readonly remainingMl: number; readonly boundMl: number };
  readonly volumeMl?: number;
  readonly previous: Figures;
}

interface Candidate {
  device: string;
  value: number;
  bound: number;
}

/** The more certain one; the device's name decides between equals, so that the order of the sources never does. */
const better = (a: Candidate | undefined, b: Candidate): Candidate =>
  a === undefined || b.bound < a.bound || (b.bound === a.bound && b.device < a.device) ? b : a;
const disagree = (a: Candidate, b: Candidate): boolean => Math.abs(a.value - b.value) > a.bound + b.bound;

/** Which word counts where sources differ: what needs somebody first. */
const PRECEDENCE: readonly InfusionState[] = [
  'no_bag',
  'changing',
  'free_flow',
  'occluded',
  'empty',
  'finished',
  'stalled',
  'paused',
  'running',
];
const PUMP_WORD: Readonly<Record<PumpState, InfusionState>> = {
  infusing: 'running',
  kvo: 'finished',
  standby: 'paused',
  stopped: 'paused',
  door_open: 'paused',
  air_in_line: 'paused',
  occluded: 'occluded',
  off: 'unknown',
  unknown: 'unknown',
};
/** Of several pumps on a line the one that does something counts. */
const PUMP_PRECEDENCE: readonly PumpState[] = ['occluded', 'air_in_line', 'door_open', 'infusing', 'kvo', 'stopped', 'standby', 'off'];

/**
 * One infusion from whatever sources are live: per figure the most certain source, per state the word that needs somebody first. Where two live sources
 * exclude each other the quality is `questionable`. Without a live source the last known figures stay, marked `stale`.
 */
export function fuse(input: FuseInput): Figures {
  const { sources, previous } = input;
  const remaining: Candidate[] = [];
  const flow: Candidate[] = [];
  let bestRemaining: Candidate | undefined;
  let bestFlow: Candidate | undefined;
  let measuredAt: Instant | undefined;
  let live = 0;
  for (const source of sources) {
    if (!input.isLive(source)) continue;
    const { value, kind, device } = source;
    if (measuredAt === undefined || source.measuredAt > measuredAt) measuredAt = source.measuredAt;
    live++;
    if (value.kind === 'level' && value.confidence < FIXED.confidenceMin) continue;
    const flowing = steadyFlow(source);
    if (flowing !== undefined) {
      const candidate = { device, value: flowing, bound: value.flowBoundMlPerHour ?? flowing * NOMINAL.flowShare[kind] };
      flow.push(candidate);
      bestFlow = better(bestFlow, candidate);
    }
    if (value.kind !== 'drip' && value.remainingMl !== undefined) {
      const nominal = Math.max(NOMINAL.remainingMl, (input.volumeMl ?? NOMINAL.volumeMl) * NOMINAL.remainingShare[kind]);
      const candidate = { device, value: value.remainingMl, bound: value.remainingBoundMl ?? nominal };
      remaining.push(candidate);
      bestRemaining = better(bestRemaining, candidate);
    }
  }
  if (live === 0) {
    return previous.quality === 'unknown' || previous.quality === 'stale' ? previous : { ...previous, quality: 'stale' };
  }
  const drip = input.dripRemaining;
  // Drops only carry on what a measured volume once said: they never speak against one.
  if (drip && !bestRemaining) bestRemaining = { device: drip.device, value: drip.remainingMl, bound: drip.boundMl };
  const word = stateOf(input, bestFlow);
  const isDisputed =
    word.isDisputed ||
    (bestFlow !== undefined && flow.some((other) => disagree(bestFlow, other))) ||
    (bestRemaining !== undefined && remaining.some((other) => disagree(bestRemaining, other)));
  const isKnown = word.state !== 'unknown' || bestFlow !== undefined || bestRemaining !== undefined;
  return {
    state: word.state,
    quality: isDisputed ? 'questionable' : isKnown ? 'live' : 'unknown',
    ...(word.by === undefined ? {} : { stateBy: word.by }),
    ...(word.pump === undefined ? {} : { pump: word.pump }),
    isRunOut: word.isRunOut,
    ...(bestRemaining
      ? {
          remainingMl: millilitres(Math.max(0, bestRemaining.value)),
          remainingBoundMl: millilitres(Math.max(0, bestRemaining.bound)),
          remainingBy: bestRemaining.device,
        }
      : {}),
    ...(bestFlow
      ? {
          flowMlPerHour: millilitresPerHour(Math.max(0, bestFlow.value)),
          flowBoundMlPerHour: millilitresPerHour(Math.max(0, bestFlow.bound)),
          flowBy: bestFlow.device,
        }
      : {}),
    ...(measuredAt === undefined ? {} : { measuredAt }),
  };
}

interface Word {
  state: InfusionState;
  by?: string;
  pump?: PumpState;
  isRunOut: boolean;
  isDisputed: boolean;
}

function wordOfDrip(state: DripState, inState: number): InfusionState {
  if (state === 'stopped') return 'stalled';
  if (state === 'free_flow') return inState >= FREE_FLOW_READINGS ? 'free_flow' : 'running';
  return state === 'finished' ? 'finished' : 'running';
}

function stateOf({ sources, isLive }: FuseInput, flow: Candidate | undefined): Word {
  let pump: PumpState | undefined;
  let pumpBy: string | undefined;
  let hasScale = false;
  let scaleSeesBag = false;
  let seesBag = false;
  for (const source of sources) {
    if (!isLive(source)) continue;
    const { value } = source;
    if (value.kind === 'pump') {
      const rank = PUMP_PRECEDENCE.indexOf(value.state);
      const best = pump === undefined ? Number.POSITIVE_INFINITY : PUMP_PRECEDENCE.indexOf(pump);
      if (rank >= 0 && (rank < best || (rank === best && source.device < pumpBy!))) [pump, pumpBy] = [value.state, source.device];
    } else if (value.kind === 'weight' && value.state !== 'unknown') {
      hasScale = true;
      scaleSeesBag ||= value.state !== 'no_bag';
    } else if (value.kind === 'level' && value.state !== 'unknown' && value.confidence >= FIXED.confidenceMin) {
      seesBag ||= value.state !== 'no_bag';
    }
  }
  // A scale decides whether something hangs; among scales (or among cameras alone) one that sees it is enough: the others hang beside it.
  const isBagThere = hasScale ? scaleSeesBag : seesBag;
  let best = PRECEDENCE.length;
  let by: string | undefined;
  let isRunOut = false;
  let isDisputed = false;
  const say = (word: InfusionState, device: string) => {
    const rank = PRECEDENCE.indexOf(word);
    if (rank < 0) return;
    if (rank < best || (rank === best && device < by!)) [best, by] = [rank, device];
  };
  for (const source of sources) {
    if (!isLive(source)) continue;
    const { value, device } = source;
    if (value.kind === 'drip') {
      if (value.state === 'unknown') continue;
      isRunOut ||= value.state === 'finished';
      const word = wordOfDrip(value.state, source.inState);
      // A pump knows better than a drop counter whether it pumps.
      if (pump === undefined || pump === 'off' || word === 'free_flow') say(word, device);
    } else if (value.kind !== 'pump') {
      if (value.kind === 'level' && value.confidence < FIXED.confidenceMin) continue;
      if (value.state === 'no_bag' && isBagThere) {
        isDisputed ||= value.kind === 'level';
        continue;
      }
      if (value.state === 'stalled' && pump !== undefined && pump !== 'off') continue; // A pump's slow flow is below what weight and picture resolve.
      if (value.kind === 'level' && value.state !== 'unknown' && value.state !== 'no_bag' && hasScale && !scaleSeesBag) {
        isDisputed = true;
        continue;
      }
      say(value.state, device);
    }
  }
  if (pump !== undefined) say(PUMP_WORD[pump], pumpBy!);
  const found = PRECEDENCE[best];
  // Nobody names a state, but something flows beyond doubt.
  const state = found ?? (flow && flow.value > flow.bound ? 'running' : 'unknown');
  return {
    state,
    isRunOut,
    isDisputed,
    ...(found === undefined || by === undefined ? {} : { by }),
    ...(pump === undefined ? {} : { pump }),
  };
}
