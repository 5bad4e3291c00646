import { type ActionRun, blocksDriving, breakOff, isEnded, newRun, startDue } from './action-run.ts';
import { judgeOrder } from './judge-order.ts';
import type { Action, Order, OrderEdge, OrderNode, Pose, VehicleError } from './vda5050.ts';
import { rollTowards } from './wheels.ts';

/**
 * A robot as VDA 5050 2.0 describes one: it takes orders with base and horizon, drives, acts, and knows what it would say in its state. No clock, no
 * socket: time is what `advance` is given.
 */
export interface Vehicle {
  receiveOrder(order: Order): void;
  receiveInstantActions(actions: readonly Action[]): void;
  /** Refuses a message that could not be read at all. */
  refuse(error: Pick<VehicleError, 'errorType' | 'errorDescription'>): void;
  /** Drives and acts for `dtMs`. */
  advance(dtMs: number): void;
  readonly view: VehicleView;
  /** Counts every event that must be told at once. */
  readonly revision: number;
  /** Factsheet requests since the start. */
  readonly factsheetRequests: number;
}

export interface VehicleView {
  readonly orderId: string;
  readonly orderUpdateId: number;
  readonly lastNodeId: string;
  readonly lastNodeSequenceId: number;
  readonly nodes: readonly OrderNode[];
  readonly edges: readonly OrderEdge[];
  readonly actions: readonly ActionRun[];
  readonly errors: readonly VehicleError[];
  readonly pose: Pose;
  readonly speed: number;
  readonly isDriving: boolean;
  readonly isPaused: boolean;
  readonly isCharging: boolean;
  readonly batteryPercent: number;
  readonly loads: readonly { readonly loadId: string; readonly loadType: string }[];
  readonly wantsNewBase: boolean;
}

export interface VehicleOptions {
  readonly home: { readonly nodeId: string } & Pose;
  readonly batteryPercent: number;
  /** Nodes at which the robot can charge. */
  readonly isCharger: (nodeId: string) => boolean;
  /** Where a node lies, for orders that do not say. */
  readonly placeOf: (nodeId: string) => { readonly x: number; readonly y: number; readonly mapId: string } | undefined;
  /** Is the way between two neighbouring nodes free: door open, lift there? */
  readonly canPass: (from: string, to: string) => boolean;
}

const SPEED_MAX = 1;
const DEVIATION_METRES = 0.5;
const DRAIN_PERCENT_PER_HOUR = { driving: 14, standing: 3 };
const CHARGE_PERCENT_PER_HOUR = 60;

export function vehicle({ home, isCharger, placeOf, canPass, batteryPercent }: VehicleOptions): Vehicle {
  let pose: Pose = { x: home.x, y: home.y, theta: home.theta, mapId: home.mapId };
  let orderId = '';
  let orderUpdateId = 0;
  let isCancelled = false;
  let lastNodeId = home.nodeId;
  let lastNodeSequenceId = 0;
  let lastBase = { nodeId: home.nodeId, sequenceId: 0 };
  let nodes: OrderNode[] = [];
  let edges: OrderEdge[] = [];
  let actions: ActionRun[] = [];
  let errors: VehicleError[] = [];
  let loads: { loadId: string; loadType: string }[] = [];
  let cancel: ActionRun | undefined;
  let isOnEdge = false;
  let isDriving = false;
  let isPaused = false;
  let isCharging = isCharger(home.nodeId);
  let speed = 0;
  let battery = batteryPercent;
  let revision = 0;
  let factsheetRequests = 0;

  const tell = () => void revision++;
  const isIdle = () => nodes.length === 0 && edges.length === 0 && actions.every((run) => run.at === undefined || isEnded(run));
  const place = (node: OrderNode) => node.nodePosition ?? placeOf(node.nodeId);

  /** Errors of a rejection stay until an order is accepted (§6.6.4.3); the same one is not told twice. */
  function reject(errorType: string, errorDescription: string, order?: Order): void {
    const said = { headerId: order?.headerId, orderId: order?.orderId, orderUpdateId: order?.orderUpdateId };
    const errorReferences = Object.entries(said)
      .filter(([, value]) => value !== undefined)
      .map(([referenceKey, value]) => ({ referenceKey, referenceValue: String(value) }));
    const others = errors.filter((e) => e.errorDescription !== errorDescription);
    errors = [...others, { errorType, errorLevel: 'WARNING' as const, errorDescription, errorReferences }].slice(-20);
    tell();
  }

  function isAt(node: OrderNode): boolean {
    if (isOnEdge) return false;
    if (node.nodeId === lastNodeId) return true;
    const at = place(node);
    return (
      at !== undefined &&
      at.mapId === pose.mapId &&
      Math.hypot(at.x - pose.x, at.y - pose.y) <= Math.max(DEVIATION_METRES, node.nodePosition?.allowedDeviationXY ?? 0)
    );
  }

  function receiveOrder(order: Order): void {
    const isKnown = (node: OrderNode) => place(node) !== undefined;
    const judgement = judgeOrder(order, { orderId, orderUpdateId, isCancelled, isIdle: isIdle(), lastBase, isAt, isKnown });
    if (judgement.is === 'refused') reject(judgement.errorType, judgement.because, order);
    else if (judgement.is === 'new') {
      actions = actions.filter((run) => run.at === undefined);
      lastNodeId = order.nodes[0]!.nodeId;
      lastNodeSequenceId = order.nodes[0]!.sequenceId;
      isCancelled = false;
      take(order, true);
    } else if (judgement.is === 'update') take(order, false);
  }

  function take(order: Order, isNew: boolean): void {
    orderId = order.orderId;
    orderUpdateId = order.orderUpdateId;
    errors = [];
    const [first, ...rest] = order.nodes as [OrderNode, ...OrderNode[]];
    // The horizon is replaced as a whole; the base stays as it is.
    const base = isNew ? { nodes: [], edges: [] } : { nodes: nodes.filter((n) => n.released), edges: edges.filter((e) => e.released) };
    const kept = new Set([...base.nodes, ...base.edges].map((part) => part.sequenceId));
    actions = actions.filter((run) => run.at === undefined || isEnded(run) || kept.has(run.at) || run.at <= lastNodeSequenceId);
    nodes = [...base.nodes, ...rest];
    edges = [...base.edges, ...order.edges];
    lastBase = order.nodes.findLast((node) => node.released) ?? first;
    const known = new Set(actions.map((run) => run.action.actionId));
    for (const part of [...(isNew ? [first] : []), ...rest, ...order.edges])
      for (const action of part.actions) if (!known.has(action.actionId)) actions.push(newRun(action, part.sequenceId));
    tell();
  }

  function receiveInstantActions(list: readonly Action[]): void {
    for (const action of list) {
      if (actions.some((run) => run.action.actionId === action.actionId)) continue;
      const run = newRun(action);
      actions.push(run);
      run.status = 'FINISHED';
      switch (action.actionType) {
        case 'cancelOrder':
          beginCancel(run);
          break;
        case 'startPause':
          isPaused = true;
          break;
        case 'stopPause':
          isPaused = false;
          break;
        case 'stateRequest':
          break;
        case 'factsheetRequest':
          factsheetRequests++;
          break;
        case 'startCharging':
        case 'stopCharging':
          finish(run);
          break;
        default:
          run.status = 'FAILED';
          run.result = `${action.actionType} is not an instant action of this robot`;
      }
    }
    // States of instant actions are kept for a while, so that a lost state does not hide an answer.
    const instant = actions.filter((run) => run.at === undefined && isEnded(run));
    if (instant.length > 30) actions = actions.filter((run) => run !== instant[0]);
    tell();
  }

  function beginCancel(run: ActionRun): void {
    if (isIdle()) {
      run.status = 'FAILED';
      run.result = 'no order to cancel';
      reject('noOrderToCancel', `cancelOrder ${run.action.actionId}: no order is active`);
      return;
    }
    run.status = 'RUNNING';
    cancel = run;
    isCancelled = true;
    // A robot between two nodes drives on to the next one, and stops there.
    nodes = isOnEdge ? nodes.slice(0, 1) : [];
    edges = isOnEdge ? edges.slice(0, 1) : [];
    breakOff(actions.filter((other) => other.at !== undefined));
  }

  /** What an action has brought about when it has ended well. */
  function finish(run: ActionRun): void {
    run.status = 'FINISHED';
    const { actionType, actionId } = run.action;
    if (/^(pick|load)/i.test(actionType)) loads = [{ loadId: actionId, loadType: 'BIN' }];
    if (/^(drop|unload|hand_?over)/i.test(actionType)) loads = [];
    if (actionType === 'startCharging') {
      if (isCharger(lastNodeId)) isCharging = true;
      else Object.assign(run, { status: 'FAILED', result: `${lastNodeId} is no charger` });
    }
    if (actionType === 'stopCharging') isCharging = false;
    tell();
  }

  function act(dtMs: number): ActionRun[] {
    const here = edges[0] && isOnEdge ? edges[0].sequenceId : lastNodeSequenceId;
    const due = actions.filter((run) => run.at === here || (run.at !== undefined && run.at < here && !isEnded(run)));
    for (const run of due) {
      if (run.status !== 'RUNNING') continue;
      run.remainingMs -= dtMs;
      if (run.remainingMs <= 0) finish(run);
    }
    if (!isCancelled && startDue(due)) tell();
    return due;
  }

  function arrive(node: OrderNode): void {
    lastNodeId = node.nodeId;
    lastNodeSequenceId = node.sequenceId;
    nodes = nodes.slice(1);
    edges = edges.slice(1);
    isOnEdge = false;
    tell();
  }

  function setDriving(now: boolean): void {
    if (now === isDriving) return;
    isDriving = now;
    if (!now) speed = 0;
    tell();
  }

  /** The edge that the robot may drive now, with the place of its end. */
  function nextWay(due: readonly ActionRun[]) {
    const [edge, node] = [edges[0], nodes[0]];
    const target = node && place(node);
    if (!edge?.released || !node || !target || isPaused || blocksDriving(due)) return undefined;
    return isOnEdge || canPass(lastNodeId, node.nodeId) ? { edge, node, target } : undefined;
  }

  /** Moves along the released edges for the length of the tick. */
  function drive(dtMs: number, due: readonly ActionRun[]): void {
    let leftMs = dtMs;
    for (let way = nextWay(due); way; way = leftMs > 0 ? nextWay(act(0)) : undefined) {
      const { edge, node, target } = way;
      isCharging = false;
      if (!isOnEdge && target.mapId !== pose.mapId) {
        // Out of one map and into the other: the lift has carried the robot.
        pose = { ...pose, x: target.x, y: target.y, mapId: target.mapId };
        arrive(node);
        break;
      }
      isOnEdge = true;
      const rolled = rollTowards(pose, target, Math.min(SPEED_MAX, edge.maxSpeed ?? SPEED_MAX), leftMs);
      ({ pose, speed, leftMs } = rolled);
      if (rolled.isThere) arrive(node);
    }
    setDriving(isOnEdge && !isPaused);
  }

  function power(dtMs: number): void {
    const hours = dtMs / 3_600_000;
    const drain = isDriving ? DRAIN_PERCENT_PER_HOUR.driving : DRAIN_PERCENT_PER_HOUR.standing;
    battery = Math.min(100, Math.max(0, battery + hours * (isCharging ? CHARGE_PERCENT_PER_HOUR : -drain)));
  }

  return {
    receiveOrder,
    receiveInstantActions,
    refuse: ({ errorType, errorDescription }) => reject(errorType, errorDescription),
    advance(dtMs) {
      power(dtMs);
      drive(dtMs, act(isPaused ? 0 : dtMs));
      if (cancel && !isOnEdge && actions.every((run) => run.at === undefined || isEnded(run))) {
        nodes = [];
        edges = [];
        cancel.status = 'FINISHED';
        cancel = undefined;
        tell();
      }
    },
    get revision() {
      return revision;
    },
    get factsheetRequests() {
      return factsheetRequests;
    },
    get view() {
      const released = nodes.filter((node) => node.released).length;
      return {
        orderId,
        orderUpdateId,
        lastNodeId,
        lastNodeSequenceId,
        nodes,
        edges,
        actions,
        errors,
        pose,
        speed,
        isDriving,
        isPaused,
        isCharging,
        batteryPercent: battery,
        loads,
        wantsNewBase: released <= 1 && nodes.length > released,
      };
    },
  };
}
