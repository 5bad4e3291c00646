import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Action, Order } from './vda5050.ts';
import { type Vehicle, type VehicleOptions, vehicle } from './vehicle.ts';

/** Nodes n0, n1, … on a line, 2 m apart, on one map. */
const at = (i: number) => ({ x: 2 * i, y: 0, mapId: 'F1' });
const action = (actionId: string, actionType: string, blockingType = 'HARD', duration?: number): Action => ({
  actionId,
  actionType,
  blockingType,
  ...(duration === undefined ? {} : { actionParameters: [{ key: 'duration', value: duration }] }),
});

interface OrderShape {
  readonly orderId?: string;
  readonly update?: number;
  readonly from?: number;
  readonly to: number;
  readonly base?: number;
  readonly actions?: Record<number, Action[]>;
}
function order({ orderId = 'o1', update = 0, from = 0, to, base = to, actions = {} }: OrderShape): Order {
  const indices = Array.from({ length: to - from + 1 }, (_, k) => from + k);
  return {
    headerId: 1,
    timestamp: '2026-01-01T00:00:00.000Z',
    version: '2.0.0',
    manufacturer: 'm',
    serialNumber: 's',
    orderId,
    orderUpdateId: update,
    nodes: indices.map((i) => ({
      nodeId: `n${i}`,
      sequenceId: 2 * i,
      released: i <= base,
      nodePosition: at(i),
      actions: actions[i] ?? [],
    })),
    edges: indices.slice(1).map((i) => ({
      edgeId: `e${i}`,
      sequenceId: 2 * i - 1,
      released: i <= base,
      startNodeId: `n${i - 1}`,
      endNodeId: `n${i}`,
      actions: [],
    })),
  };
}

const robot = (options: Partial<VehicleOptions> = {}): Vehicle =>
  vehicle({
    home: { nodeId: 'n0', ...at(0), theta: 0 },
    batteryPercent: 80,
    isCharger: (node) => node === 'n0',
    placeOf: () => undefined,
    canPass: () => true,
    ...options,
  });
function run(of: Vehicle, seconds: number): void {
  for (let t = 0; t < seconds * 5; t++) of.advance(200);
}
const statusOf = (of: Vehicle, id: string) => of.view.actions.find((r) => r.action.actionId === id)?.status;

describe('vehicle', () => {
  it('drives an order to its end, acts there, and is idle', () => {
    const v = robot();
    v.receiveOrder(order({ to: 3, actions: { 0: [action('a0', 'pick')], 3: [action('a3', 'drop')] } }));
    v.advance(200);
    assert.equal(statusOf(v, 'a0'), 'RUNNING');
    assert.equal(v.view.isDriving, false);
    run(v, 5);
    assert.equal(statusOf(v, 'a0'), 'FINISHED');
    assert.equal(v.view.loads.length, 1);
    const charge = v.view.batteryPercent;
    run(v, 15);
    assert.deepEqual([v.view.lastNodeId, v.view.lastNodeSequenceId, v.view.nodes.length, v.view.edges.length], ['n3', 6, 0, 0]);
    assert.equal(statusOf(v, 'a3'), 'FINISHED');
    assert.equal(v.view.loads.length, 0);
    assert.equal(v.view.pose.x, 6);
    assert.ok(v.view.batteryPercent < charge);
  });

  it('stops at the end of its base and asks for more, then is stitched on', () => {
    const v = robot();
    v.receiveOrder(order({ to: 4, base: 2 }));
    run(v, 30);
    assert.equal(v.view.lastNodeId, 'n2');
    assert.equal(v.view.wantsNewBase, true);
    assert.deepEqual(
      v.view.nodes.map((n) => n.released),
      [false, false],
    );
    v.receiveOrder(order({ from: 2, to: 5, base: 4, update: 1 }));
    assert.deepEqual(
      v.view.nodes.map((n) => [n.nodeId, n.released]),
      [
        ['n3', true],
        ['n4', true],
        ['n5', false],
      ],
    );
    run(v, 10);
    assert.equal(v.view.lastNodeId, 'n4');
    assert.deepEqual(v.view.errors, []);
  });

  it('ignores an order sent again, and refuses old, unstitched and foreign ones', () => {
    const v = robot();
    v.receiveOrder(order({ to: 4, base: 2 }));
    const told = v.revision;
    v.receiveOrder(order({ to: 4, base: 2 }));
    assert.equal(v.revision, told);
    v.receiveOrder(order({ from: 3, to: 5, update: 1 }));
    v.receiveOrder(order({ orderId: 'o2', to: 1 }));
    assert.deepEqual(
      v.view.errors.map((e) => e.errorType),
      ['orderUpdateError', 'orderError'],
    );
    assert.equal(v.view.errors[0]?.errorReferences.find((r) => r.referenceKey === 'orderId')?.referenceValue, 'o1');
    run(v, 10);
    assert.equal(v.view.lastNodeId, 'n2');
  });

  it('refuses an order that begins elsewhere or is put together wrongly', () => {
    const v = robot();
    v.receiveOrder(order({ from: 2, to: 3 }));
    const broken = order({ to: 2 });
    v.receiveOrder({ ...broken, edges: broken.edges.slice(1) });
    assert.deepEqual(
      v.view.errors.map((e) => e.errorType),
      ['noRouteError', 'validationError'],
    );
    v.receiveOrder(order({ to: 1 }));
    assert.deepEqual(v.view.errors, []);
  });

  it('cancels at the next node: what waits fails, the cancel action finishes, a new order may come', () => {
    const v = robot();
    v.receiveOrder(order({ to: 5, actions: { 5: [action('a5', 'drop')] } }));
    run(v, 3);
    v.receiveInstantActions([action('c', 'cancelOrder', 'NONE')]);
    assert.equal(statusOf(v, 'c'), 'RUNNING');
    run(v, 3);
    assert.equal(statusOf(v, 'c'), 'FINISHED');
    assert.equal(statusOf(v, 'a5'), 'FAILED');
    assert.deepEqual([v.view.lastNodeId, v.view.nodes.length, v.view.isDriving], ['n2', 0, false]);
    v.receiveOrder(order({ from: 2, to: 6, update: 1 }));
    assert.equal(v.view.errors[0]?.errorType, 'orderUpdateError');
    v.receiveOrder(order({ orderId: 'o2', from: 2, to: 3 }));
    run(v, 4);
    assert.equal(v.view.lastNodeId, 'n3');
    v.receiveInstantActions([action('c2', 'cancelOrder', 'NONE')]);
    assert.equal(statusOf(v, 'c2'), 'FAILED');
    assert.equal(v.view.errors[0]?.errorType, 'noOrderToCancel');
  });

  it('breaks a disinfection off at once', () => {
    const v = robot();
    v.receiveOrder(order({ to: 1, actions: { 1: [action('uv', 'disinfect', 'HARD', 600)] } }));
    run(v, 10);
    assert.equal(statusOf(v, 'uv'), 'RUNNING');
    v.receiveInstantActions([action('c', 'cancelOrder', 'NONE')]);
    v.advance(200);
    assert.deepEqual([statusOf(v, 'uv'), statusOf(v, 'c')], ['FAILED', 'FINISHED']);
  });

  it('stands still while paused, in mid-edge too', () => {
    const v = robot();
    v.receiveOrder(order({ to: 3 }));
    run(v, 1);
    v.receiveInstantActions([action('p', 'startPause', 'NONE')]);
    v.advance(200);
    const { x } = v.view.pose;
    run(v, 10);
    assert.deepEqual([v.view.pose.x, v.view.isPaused, v.view.isDriving], [x, true, false]);
    v.receiveInstantActions([action('q', 'stopPause', 'NONE')]);
    run(v, 10);
    assert.equal(v.view.lastNodeId, 'n3');
  });

  it('waits before a closed door, and changes the map when the lift has carried it', () => {
    let isOpen = false;
    const v = robot({ canPass: (from) => from !== 'n1' || isOpen });
    const lift = order({ to: 2 });
    const nodes = lift.nodes.map((n, i) => (i === 2 ? { ...n, nodePosition: { ...at(1), mapId: 'F2' } } : n));
    v.receiveOrder({ ...lift, nodes });
    run(v, 20);
    assert.deepEqual([v.view.lastNodeId, v.view.pose.mapId, v.view.isDriving], ['n1', 'F1', false]);
    isOpen = true;
    run(v, 1);
    assert.deepEqual([v.view.lastNodeId, v.view.pose.mapId], ['n2', 'F2']);
  });

  it('charges only at a charger', () => {
    const v = robot();
    assert.equal(v.view.isCharging, true);
    v.receiveOrder(order({ to: 1, actions: { 1: [action('s', 'startCharging')] } }));
    run(v, 10);
    assert.deepEqual([statusOf(v, 's'), v.view.isCharging], ['FAILED', false]);
  });
});
