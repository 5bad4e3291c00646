import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { instant } from '#contracts/units.ts';
import { parser, sayProblems } from '#runtime/validate.ts';
import type { Leg } from '../adapter.ts';
import type { StateMessage } from './messages.ts';
import { type Outgoing, Vda5050Session } from './session.ts';

const START = 1_800_000_000_000;
const at = (seconds: number) => instant(START + seconds * 1000);

const step = (node: string, x: number, edge?: string) => ({ node, x, y: 0, floor: 'F1', ...(edge === undefined ? {} : { edge }) });
const drive = (of: Partial<Leg> = {}): Leg => ({
  order: 'o1',
  update: 0,
  steps: [step('a', 0), step('b', 5, 'a>b'), step('c', 10, 'b>c')],
  released: 2,
  stitchedAt: 0,
  isAccepted: false,
  isCancelled: false,
  startedAt: at(0),
  ...of,
});

/** What a good vehicle that idles at node a says. */
const state = (of: StateMessage = {}): StateMessage => ({
  orderId: '',
  orderUpdateId: 0,
  lastNodeId: 'a',
  lastNodeSequenceId: 0,
  driving: false,
  paused: false,
  operatingMode: 'AUTOMATIC',
  nodeStates: [],
  edgeStates: [],
  agvPosition: { x: 0, y: 0, theta: 0, mapId: 'F1', positionInitialized: true },
  actionStates: [],
  batteryState: { batteryCharge: 80, charging: false },
  errors: [],
  safetyState: { eStop: 'NONE', fieldViolation: false },
  ...of,
});
const onOrder = (of: StateMessage = {}): StateMessage =>
  state({
    orderId: 'o1',
    nodeStates: [
      { nodeId: 'b', sequenceId: 2 },
      { nodeId: 'c', sequenceId: 4 },
    ],
    ...of,
  });

function open() {
  let ids = 0;
  const headers = { order: 0, instantActions: 0 };
  const session = new Vda5050Session({
    identity: { version: '2.0.0', manufacturer: 'acme', serialNumber: '1' },
    newId: () => `i${ids++}`,
    nextHeaderId: (topic) => headers[topic]++,
  });
  const sent: Outgoing[] = [];
  const tick = (seconds: number) => {
    const out = session.tick(at(seconds));
    sent.push(...out);
    return out;
  };
  const types = (out: readonly Outgoing[]) =>
    out.map(({ topic, message }) =>
      topic === 'order' ? `order ${message.orderUpdateId}` : (message.actions as { actionType: string }[]).map((a) => a.actionType).join(),
    );
  return { session, sent, tick, types };
}

/** A session with a vehicle that has spoken. */
function ready() {
  const opened = open();
  opened.session.onConnection('ONLINE', at(0));
  opened.session.onState(state(), at(0));
  return opened;
}

test('an order is sent again, identical but for its header, until the state shows it', () => {
  const { session, sent, tick, types } = ready();
  session.follow(drive());
  assert.deepEqual(types(tick(0.1)), ['order 0']);
  assert.deepEqual(types(tick(0.5)), []);
  assert.deepEqual(types(tick(2)), ['order 0']);
  const [first, second] = sent.map(({ message: { headerId: _h, timestamp: _t, ...content } }) => content);
  assert.deepEqual(first, second);
  assert.deepEqual(
    sent.map((s) => s.message.headerId),
    [0, 1],
  );
  session.onState(onOrder(), at(2.5));
  assert.deepEqual(types(tick(9)), []);
  assert.equal(session.view(at(9)).progress?.status, 'accepted');
});

test('an update is stitched on at the last base node with its number, and only the first order says how near to stand', () => {
  const { session, sent, tick } = ready();
  session.follow(drive());
  tick(0.1);
  session.onState(onOrder(), at(1));
  session.follow(drive({ update: 1, released: 3, stitchedAt: 1, isAccepted: true }));
  tick(1.1);
  const { nodes, edges } = sent[1]!.message as {
    nodes: { nodeId: string; sequenceId: number; released: boolean }[];
    edges: { sequenceId: number; released: boolean }[];
  };
  assert.deepEqual(
    nodes.map((n) => [n.nodeId, n.sequenceId, n.released]),
    [
      ['b', 2, true],
      ['c', 4, true],
    ],
  );
  assert.deepEqual(
    edges.map((e) => [e.sequenceId, e.released]),
    [[3, true]],
  );
  const first = sent[0]!.message as { nodes: { released: boolean; nodePosition: object }[] };
  assert.deepEqual(
    first.nodes.map((n) => 'allowedDeviationXY' in n.nodePosition),
    [true, false, false],
  );
  assert.deepEqual(
    first.nodes.map((n) => n.released),
    [true, true, false],
  );
});

test('progress follows the sequence numbers, and the leg ends when nothing is left', () => {
  const { session } = ready();
  const whole = drive({ released: 3 });
  session.follow(whole);
  session.onState(onOrder(), at(1));
  assert.equal(session.view(at(1)).progress?.passed, 0);
  session.onState(onOrder({ lastNodeId: 'b', lastNodeSequenceId: 2, nodeStates: [{ nodeId: 'c', sequenceId: 4 }] }), at(2));
  assert.equal(session.view(at(2)).progress?.passed, 1);
  session.onState(onOrder({ lastNodeId: 'c', lastNodeSequenceId: 4, nodeStates: [] }), at(3));
  assert.deepEqual([session.view(at(3)).progress?.passed, session.view(at(3)).progress?.status], [2, 'ended']);
});

test('the last node of the order before is no progress on the new one', () => {
  const { session } = ready();
  session.follow(drive({ released: 3 }));
  session.onState(
    onOrder({
      lastNodeId: 'x',
      lastNodeSequenceId: 4,
      nodeStates: [
        { nodeId: 'a', sequenceId: 0 },
        { nodeId: 'b', sequenceId: 2 },
        { nodeId: 'c', sequenceId: 4 },
      ],
    }),
    at(1),
  );
  assert.deepEqual([session.view(at(1)).progress?.passed, session.view(at(1)).progress?.status], [0, 'accepted']);
});

test('a refusal counts only where its references name this order and update', () => {
  const refusal = (orderId: string, update: string) => ({
    errorType: 'noRouteError',
    errorLevel: 'WARNING',
    errorDescription: 'not there',
    errorReferences: [
      { referenceKey: 'orderId', referenceValue: orderId },
      { referenceKey: 'orderUpdateId', referenceValue: update },
    ],
  });
  const { session, tick, types } = ready();
  session.follow(drive());
  tick(0.1);
  session.onState(state({ errors: [refusal('old', '0'), { errorType: 'dust', errorLevel: 'WARNING' }] }), at(1));
  assert.equal(session.view(at(1)).progress?.status, 'sent');
  session.onState(state({ errors: [refusal('o1', '0')] }), at(2));
  assert.deepEqual([session.view(at(2)).progress?.status, session.view(at(2)).progress?.because], ['refused', 'not there']);
  assert.deepEqual(types(tick(9)), [], 'what is refused is not sent again');
});

test('a cancellation is over when its action is FINISHED, not when it appears', () => {
  const { session, sent, tick } = ready();
  session.follow(drive());
  session.onState(onOrder(), at(1));
  session.follow(drive({ isAccepted: true, isCancelled: true }));
  session.cancel();
  tick(1.1);
  const { actionId } = (sent.at(-1)!.message.actions as { actionId: string }[])[0]!;
  const acting = (actionStatus: string) => onOrder({ actionStates: [{ actionId, actionType: 'cancelOrder', actionStatus }] });
  session.onState(acting('RUNNING'), at(2));
  assert.equal(session.view(at(2)).progress?.status, 'cancelling');
  session.onState(acting('FINISHED'), at(3));
  assert.equal(session.view(at(3)).progress?.status, 'ended');
});

test('nothing to cancel is a race, and ends the cancellation too', () => {
  const { session, sent, tick } = ready();
  session.follow(drive());
  session.onState(onOrder(), at(1));
  session.follow(drive({ isAccepted: true, isCancelled: true }));
  session.cancel();
  tick(1.1);
  const { actionId } = (sent.at(-1)!.message.actions as { actionId: string }[])[0]!;
  session.onState(
    onOrder({ errors: [{ errorType: 'noOrderToCancel', errorReferences: [{ referenceKey: 'actionId', referenceValue: actionId }] }] }),
    at(2),
  );
  assert.equal(session.view(at(2)).progress?.status, 'ended');
});

test('instant actions stand under both keys, are repeated under one id, and stop when the effect shows', () => {
  const { session, sent, tick, types } = ready();
  session.pause();
  assert.deepEqual(types(tick(0.1)), ['startPause']);
  session.pause();
  assert.deepEqual(types(tick(2)), ['startPause']);
  assert.deepEqual(sent[0]!.message.actions, sent[0]!.message.instantActions);
  assert.deepEqual(sent[0]!.message.actions, sent[1]!.message.actions);
  session.onState(state({ paused: true }), at(3));
  assert.deepEqual(types(tick(5)), []);
  assert.equal(session.view(at(5)).isPaused, true);
});

test('a vehicle on its charger is taken off it before it gets an order', () => {
  const { session, tick, types } = ready();
  session.onState(state({ batteryState: { batteryCharge: 60, charging: true } }), at(1));
  session.follow(drive());
  assert.deepEqual(types(tick(1.1)), ['stopCharging']);
  session.onState(state(), at(2));
  assert.deepEqual(types(tick(2.1)), ['order 0']);
});

test('an accepted order that the vehicle no longer shows is forgotten, not sent again', () => {
  const { session, tick, types } = ready();
  session.follow(drive({ isAccepted: true }));
  session.onState(state({ orderId: 'by-hand' }), at(1));
  assert.equal(session.view(at(1)).progress?.status, 'forgotten');
  assert.deepEqual(types(tick(1.1)), []);
});

test('a silent vehicle is asked for its state, and is no longer believed to be connected', () => {
  const { session, tick, types } = ready();
  assert.equal(session.view(at(30)).connection, 'online');
  assert.deepEqual(types(tick(40)), ['stateRequest']);
  assert.deepEqual(types(tick(42)), []);
  assert.equal(session.view(at(70)).connection, 'unknown');
  session.onConnection('CONNECTIONBROKEN', at(71));
  assert.equal(session.view(at(71)).connection, 'broken');
});

test('careless vehicles are driven all the same, and it is said what is not believed', () => {
  const { session } = open();
  // No connection message at all, the battery always at 0, driving false while it moves, reached nodes left in the list.
  const careless = { batteryState: { batteryCharge: 0, charging: false } };
  session.onState(state(careless), at(0));
  session.follow(drive({ released: 3 }));
  session.onState(onOrder({ ...careless, agvPosition: { x: 1, y: 0, theta: 0, mapId: 'F1' } }), at(1));
  session.onState(
    onOrder({
      ...careless,
      lastNodeId: 'b',
      lastNodeSequenceId: 2,
      agvPosition: { x: 5, y: 0, theta: 0, mapId: 'F1' },
      nodeStates: [
        { nodeId: 'a', sequenceId: 0 },
        { nodeId: 'b', sequenceId: 2 },
        { nodeId: 'c', sequenceId: 4 },
      ],
    }),
    at(3),
  );
  const view = session.view(at(3));
  assert.equal(view.connection, 'online');
  assert.equal(view.batteryPercent, undefined);
  assert.equal(view.isDriving, true);
  assert.equal(view.progress?.passed, 1);
  const doubts = view.faults.filter((f) => f.type === 'notBelieved').map((f) => f.text);
  assert.ok(
    doubts.some((d) => d?.includes('battery')) &&
      doubts.some((d) => d?.includes('stands, and moves')) &&
      doubts.some((d) => d?.includes('reached')),
    doubts.join('; '),
  );
  session.onState(
    onOrder({
      ...careless,
      lastNodeId: 'c',
      lastNodeSequenceId: 4,
      nodeStates: [
        { nodeId: 'b', sequenceId: 2 },
        { nodeId: 'c', sequenceId: 4 },
      ],
    }),
    at(5),
  );
  assert.equal(session.view(at(5)).progress?.status, 'ended');
});

test('a vehicle that speaks after its will is back, whatever its connection message says', () => {
  const { session } = ready();
  session.onConnection('CONNECTIONBROKEN', at(1));
  session.onState(state(), at(2));
  const view = session.view(at(2));
  assert.equal(view.connection, 'online');
  assert.ok(view.faults.some((f) => f.text?.includes('CONNECTIONBROKEN')));
});

const schemas = new URL('../../../../shared/data/vda5050-schemas/2.0.0-branch/', import.meta.url);
test('everything that is sent fits the official schemas of 2.0', {
  skip: existsSync(schemas) ? false : 'no schemas beside the project',
}, () => {
  const official = (name: string) => parser(JSON.parse(readFileSync(new URL(`${name}.schema`, schemas), 'utf8')));
  const check = { order: official('order'), instantActions: official('instantActions') };
  assert.equal(check.order.check({}), false);
  const { session, sent, tick } = ready();
  session.follow(drive());
  tick(0.1);
  session.onState(onOrder(), at(1));
  session.follow(drive({ update: 1, released: 3, stitchedAt: 1, isAccepted: true }));
  tick(1.1);
  for (const [n, kind] of (['load', 'unload', 'disinfect'] as const).entries()) {
    session.follow({
      ...drive(),
      order: `act${n}`,
      steps: [step('a', 0)],
      released: 1,
      action: { id: `x${n}`, kind, place: 'S1', load: 'next bag' },
    });
    tick(2 + n);
  }
  session.cancel();
  session.pause();
  session.relocate({ id: 'b', floor: 'F2', x: 1, y: 2, lift: 'L1', resource: 'lift:L1' });
  session.charge();
  tick(9);
  tick(50);
  assert.ok(sent.filter((s) => s.topic === 'order').length >= 5);
  for (const { topic, message } of sent) {
    const parsed = check[topic].parse(JSON.parse(JSON.stringify(message)));
    assert.ok(parsed.ok, parsed.ok ? '' : `${topic}: ${sayProblems(parsed.problems)}`);
  }
});
