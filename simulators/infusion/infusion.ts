import type { Random } from '#simulators/random.ts';
import { type Container, type ContainerSpec, deliverableMl, levelMetres, massGrams, newContainer, prime } from './container.ts';
import { type DropFormer, dropFormer } from './drop-former.ts';

export interface LineOrder extends ContainerSpec {
  readonly rateMlPerHour: number;
  readonly delivery: 'gravity' | 'pump';
  readonly dropsPerMl: number;
  readonly nearEmptyMl: number;
}

export type Phase = 'running' | 'empty' | 'no_bag' | 'hung';
export type Trouble = 'stall' | 'free_flow' | 'occlusion';

/** One infusion with its container, its clamp or pump, and the nurse who looks after it. Time is what `advance` is given; nothing here knows a clock. */
export interface Infusion {
  readonly order: LineOrder;
  readonly phase: Phase;
  readonly trouble: Trouble | undefined;
  readonly container: Container | undefined;
  /** Flow from the container at this instant. */
  readonly flowMlPerHour: number;
  /** Volume that can still flow out. */
  readonly remainingMl: number;
  /** Weight on the hook: container, liquid, the hanging part of the set. */
  readonly hookGrams: number;
  readonly pump: PumpFigures | undefined;
  advance(dtMs: number, onDrop?: (afterMs: number) => void): void;
  begin(trouble: Trouble, forMs: number): void;
  /** Takes the container off; a new one hangs after `forMs`. */
  takeAway(forMs: number): void;
  /** Lets the container run until only `ml` can flow out; a pump's programme ends before its container. */
  drainTo(ml: number): void;
}

export interface PumpFigures {
  rateMlPerHour: number;
  toInfuseMl: number;
  infusedMl: number;
  pressureMmHg: number;
  mode: 'infusing' | 'kvo' | 'hold';
  alarm: 'none' | 'occlusion' | 'air' | 'complete';
}

/** Outlet of the container above the patient's heart, less the venous pressure, metres. */
const HEAD_METRES = 0.75;
const KVO_ML_PER_HOUR = 3;
const BASE_PRESSURE_MMHG = 20;
const OCCLUSION_ALARM_MMHG = 500;
/** How much a blocked tube takes up before the pump's own alarm, mL per mmHg. */
const TUBE_COMPLIANCE = 0.002;
/** Share of the label that is still in the container when a pump has delivered what it was set to. */
const OVERFILL_LEFT = 0.03;
const FREE_FLOW_FACTOR = 3.6;
/** The nurse sets the clamp again when the rate is this far off. */
const ROUND_TOLERANCE = 0.04;
const minutes = (n: number) => n * 60_000;

export function infusion(order: LineOrder, r: Random, startFraction = 1): Infusion {
  let phase: Phase = 'running';
  let trouble: Trouble | undefined;
  let troubleMs = 0;
  let untilMs = 0;
  let roundMs = minutes(r.between(3, 15));
  let container: Container | undefined = newContainer(order, r, startFraction);
  let drops: DropFormer = dropFormer(order.dropsPerMl, r);
  /** Conductance of clamp, tube and needle, mL/h per metre of head. */
  let conductance = 0;
  let flow = 0;
  const pump: PumpFigures | undefined = order.delivery === 'pump' ? newProgram() : undefined;
  if (pump) {
    pump.infusedMl = order.nominalMl * (1 - startFraction);
    pump.toInfuseMl = order.nominalMl * startFraction;
  }

  function newProgram(): PumpFigures {
    return {
      rateMlPerHour: order.rateMlPerHour,
      toInfuseMl: order.nominalMl,
      infusedMl: 0,
      pressureMmHg: BASE_PRESSURE_MMHG,
      mode: 'infusing',
      alarm: 'none',
    };
  }
  const head = () => HEAD_METRES + (container ? levelMetres(container) : 0);
  const setClamp = () => {
    conductance = (order.rateMlPerHour * (1 + r.between(-0.02, 0.02))) / head();
  };
  setClamp();

  function gravityFlow(): number {
    if (trouble === 'stall') return 0;
    return conductance * head() * (trouble === 'free_flow' ? FREE_FLOW_FACTOR : 1);
  }

  function pumpFlow(dtMs: number): number {
    if (!pump || pump.mode === 'hold') return 0;
    const rate = pump.mode === 'kvo' ? KVO_ML_PER_HOUR : pump.rateMlPerHour;
    if (trouble === 'occlusion') {
      pump.pressureMmHg += (rate * dtMs) / 3_600_000 / TUBE_COMPLIANCE;
      if (pump.pressureMmHg >= OCCLUSION_ALARM_MMHG) Object.assign(pump, { mode: 'hold', alarm: 'occlusion' });
    } else pump.pressureMmHg += (BASE_PRESSURE_MMHG + r.normal(1) - pump.pressureMmHg) * Math.min(1, dtMs / 5000);
    return rate;
  }

  function endTrouble(): void {
    if (trouble === 'free_flow' || trouble === 'stall') setClamp();
    if (pump?.alarm === 'occlusion') Object.assign(pump, { mode: 'infusing', alarm: 'none', pressureMmHg: BASE_PRESSURE_MMHG });
    trouble = undefined;
  }

  function run(dtMs: number, onDrop?: (afterMs: number) => void): void {
    if (!container) return;
    troubleMs -= dtMs;
    if (trouble && troubleMs <= 0) endTrouble();
    roundMs -= dtMs;
    if (roundMs <= 0) {
      roundMs = minutes(r.between(5, 15));
      if (!pump && !trouble && Math.abs(gravityFlow() / order.rateMlPerHour - 1) > ROUND_TOLERANCE) setClamp();
    }
    flow = pump ? pumpFlow(dtMs) : gravityFlow();
    const wanted = (flow * dtMs) / 3_600_000;
    const moved = Math.min(wanted, deliverableMl(container));
    container.liquidMl -= moved;
    if (onDrop) drops.flow(moved, dtMs, onDrop);
    if (pump) {
      pump.infusedMl += moved;
      pump.toInfuseMl = Math.max(0, pump.toInfuseMl - moved);
      if (pump.toInfuseMl < 1e-6 && pump.mode === 'infusing') Object.assign(pump, { mode: 'kvo', alarm: 'complete' });
      else if (pump.mode !== 'hold' && deliverableMl(container) <= 0) Object.assign(pump, { mode: 'hold', alarm: 'air' });
    }
    if (phase === 'running' && (deliverableMl(container) <= 0 || pump?.alarm === 'complete')) {
      phase = 'empty';
      untilMs = minutes(r.between(2.5, 6));
    }
  }

  return {
    order,
    get phase() {
      return phase;
    },
    get trouble() {
      return trouble;
    },
    get container() {
      return container;
    },
    get flowMlPerHour() {
      return phase === 'no_bag' || phase === 'hung' || !container || deliverableMl(container) <= 0 ? 0 : flow;
    },
    get remainingMl() {
      return container ? deliverableMl(container) : 0;
    },
    get hookGrams() {
      return container ? massGrams(container) : 0;
    },
    pump,
    advance(dtMs, onDrop) {
      if (phase === 'running' || phase === 'empty') run(dtMs, onDrop);
      if (phase === 'running') return;
      untilMs -= dtMs;
      if (untilMs > 0) return;
      if (phase === 'empty') {
        this.takeAway(r.between(15_000, 40_000));
      } else if (phase === 'no_bag') {
        container = newContainer(order, r);
        prime(container, r);
        drops = dropFormer(order.dropsPerMl, r);
        phase = 'hung';
        untilMs = r.between(10_000, 25_000);
      } else {
        phase = 'running';
        setClamp();
        if (pump) Object.assign(pump, newProgram());
      }
    },
    begin(next, forMs) {
      if (phase !== 'running') return;
      trouble = next;
      troubleMs = forMs;
    },
    takeAway(forMs) {
      if (phase === 'no_bag') return;
      container = undefined;
      trouble = undefined;
      flow = 0;
      phase = 'no_bag';
      untilMs = forMs;
      if (pump) Object.assign(pump, { mode: 'hold', alarm: 'none', pressureMmHg: BASE_PRESSURE_MMHG });
    },
    drainTo(ml) {
      if (!container) return;
      container.liquidMl = container.residualMl + ml + (pump ? OVERFILL_LEFT * order.nominalMl : 0);
      if (pump) {
        pump.infusedMl = Math.max(0, order.nominalMl - ml);
        pump.toInfuseMl = Math.min(order.nominalMl, ml);
      }
      setClamp();
    },
  };
}
