import type { MessageOf } from '#runtime/bus.ts';
import { asError } from '#runtime/errors.ts';
import { parser, sayProblems } from '#runtime/validate.ts';
import type { AdapterOptions, RobotAdapter } from './adapter.ts';
import { ConnectionMessage, FactsheetMessage, StateMessage, VisualizationMessage } from './vda5050/messages.ts';
import { type Outgoing, Vda5050Session } from './vda5050/session.ts';

const MAJOR = 'v2';
const stateParser = parser(StateMessage);
const connectionParser = parser(ConnectionMessage);
const visualizationParser = parser(VisualizationMessage);
const factsheetParser = parser(FactsheetMessage);

/** A robot that speaks VDA 5050 2.0 over the house's broker. */
export async function openVda5050v2({ robot, bus, log, newId, takeHeaderBlock, onChange }: AdapterOptions): Promise<RobotAdapter> {
  const { interfaceName, manufacturer, serialNumber, version } = robot.adapter;
  const address = { interfaceName, major: MAJOR, manufacturer, serialNumber };
  const headers = new Map<Outgoing['topic'], { from: number; until: number }>();
  const nextHeaderId = (topic: Outgoing['topic']): number => {
    let block = headers.get(topic);
    if (!block || block.from >= block.until) {
      block = { ...takeHeaderBlock(topic) };
      headers.set(topic, block);
    }
    return block.from++;
  };
  const session = new Vda5050Session({ identity: { version, manufacturer, serialNumber }, newId, nextHeaderId });

  const send = () => {
    for (const { topic, message } of session.tick(bus.clock.now())) {
      const channel = topic === 'order' ? 'vdaOrder' : 'vdaInstantActions';
      bus
        .publish(channel, address, message)
        .catch((error: unknown) =>
          log.debug({ robot: robot.id, topic, reason: asError(error).message }, 'not sent; it will be sent again'),
        );
    }
  };

  await bus.subscribe('vdaFactsheet', address, (message: MessageOf<'vdaFactsheet'>) => {
    const parsed = factsheetParser.parse(message);
    if (parsed.ok) session.onFactsheet(parsed.value.loadSpecification?.loadSets?.[0]?.loadType);
  });
  await bus.subscribe('vdaVisualization', address, (message) => {
    const parsed = visualizationParser.parse(message);
    if (parsed.ok) session.onVisualization(parsed.value.agvPosition);
  });
  await bus.subscribe('vdaState', address, (message) => {
    const parsed = stateParser.parse(message);
    if (parsed.ok) session.onState(parsed.value, bus.clock.now());
    else {
      const because = `its state cannot be read: ${sayProblems(parsed.problems.slice(0, 3))}`;
      session.onUnreadable(because);
      log.warn({ robot: robot.id, because }, 'state refused');
    }
    send();
    onChange();
  });

  // Last: it makes fleet ask for the state, whose answer must find the subscription.
  await bus.subscribe('vdaConnection', address, (message) => {
    const parsed = connectionParser.parse(message);
    if (parsed.ok) session.onConnection(parsed.value.connectionState, bus.clock.now());
    send();
    onChange();
  });
  const thenSend =
    <A extends unknown[]>(act: (...args: A) => void) =>
    (...args: A) => {
      act(...args);
      send();
    };
  return {
    robot: robot.id,
    view: (now) => session.view(now),
    follow: thenSend((leg) => session.follow(leg)),
    cancel: thenSend(() => session.cancel()),
    pause: thenSend(() => session.pause()),
    resume: thenSend(() => session.resume()),
    relocate: thenSend((node) => session.relocate(node)),
    charge: thenSend(() => session.charge()),
    tick: () => send(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
