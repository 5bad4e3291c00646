import type { Static, TSchema } from 'typebox';
import { milliseconds } from '#contracts/units.ts';
import { asError } from '#runtime/errors.ts';
import { parser, sayProblems } from '#runtime/validate.ts';
import type { FlowsHouse } from '../flows-house.ts';

/** A message on a wire. */
export interface FlowMessage {
  topic?: string;
  payload?: unknown;
  [field: string]: unknown;
}

export interface NodeStatus {
  readonly fill: 'green' | 'yellow' | 'red' | 'grey' | 'blue';
  readonly text: string;
}

/** Node-RED's node, as far as we use it. */
export interface FlowNode {
  id: string;
  status(status: { fill?: string; shape?: string; text?: string }): void;
  send(message: FlowMessage | (FlowMessage | null)[]): void;
  warn(text: string): void;
  error(text: string, message?: FlowMessage): void;
  on(event: 'input', listener: (message: FlowMessage, send: (message: FlowMessage) => void, done: (error?: Error) => void) => void): void;
  on(event: 'close', listener: (done: () => void) => void): void;
  receive(message: FlowMessage): void;
}

/** Node-RED's runtime, as a node file gets it. */
export interface NodeRed {
  nodes: {
    createNode(node: FlowNode, config: object): void;
    registerType(type: string, create: (this: FlowNode, config: Record<string, unknown>) => void): void;
  };
  events: { once(event: 'flows:started', listener: () => void): void; off(event: 'flows:started', listener: () => void): void };
  settings: { wardline?: FlowsHouse };
  httpAdmin: {
    get(path: string, ...handlers: ((request: unknown, response: { json(value: unknown): void }, next: () => void) => void)[]): void;
  };
  auth: { needsPermission(permission: string): (request: unknown, response: { json(value: unknown): void }, next: () => void) => void };
}

export interface NodeContext {
  readonly house: FlowsHouse;
  send(message: FlowMessage): void;
  /** Shown under the node; at most two a second get through, the last always does. */
  say(status: NodeStatus): void;
  readonly isClosed: () => boolean;
}

export interface Behaviour {
  /** What comes out for what came in; undefined lets nothing out. A throw is shown at the node and goes to the flow's catch nodes. */
  input?(message: FlowMessage): Promise<FlowMessage | undefined>;
  /** All nodes of the flow stand: from here on, what is sent arrives. */
  begin?(): void;
  close?(): void;
}

const STATUS_MS = milliseconds(500);

/** The form of a node in TypeScript: its type in the palette, the fields of its form, and what it does. A form that cannot be used is shown at the node; it takes nothing down. */
export function defineNode<S extends TSchema>(type: string, form: S, start: (config: Static<S>, context: NodeContext) => Behaviour) {
  const fields = parser(form);
  return (RED: NodeRed): void => {
    RED.nodes.registerType(type, function (this: FlowNode, config) {
      RED.nodes.createNode(this, config);
      const house = RED.settings.wardline;
      const parsed = fields.parse(config);
      if (!house || !parsed.ok) {
        this.status({ fill: 'red', shape: 'ring', text: 'not set up' });
        this.error(parsed.ok ? `${type}: runs only inside Wardline` : `${type}: ${sayProblems(parsed.problems)}`);
        return;
      }
      let isClosed = false;
      const status = calmly(house, (said) => this.status({ shape: 'dot', ...said }));
      const behaviour = start(parsed.value, {
        house,
        send: (message) => this.send(message),
        say: (said) => !isClosed && status.say(said),
        isClosed: () => isClosed,
      });
      const begin = () => behaviour.begin?.();
      RED.events.once('flows:started', begin);
      const { input } = behaviour;
      if (input) {
        this.on('input', (message, send, done) => {
          input(message).then(
            (out) => {
              if (out) send(out);
              done();
            },
            (thrown: unknown) => {
              const error = asError(thrown);
              status.say({ fill: 'red', text: error.message.slice(0, 80) });
              done(error);
            },
          );
        });
      }
      this.on('close', (done) => {
        isClosed = true;
        RED.events.off('flows:started', begin);
        status.stop();
        behaviour.close?.();
        done();
      });
    });
  };
}

/** The behaviour of a node that begins flows: it listens from the start of the flows to its own end. */
export function listening(listen: () => () => void): Behaviour {
  let stop: () => void = () => undefined;
  return {
    begin() {
      stop = listen();
    },
    close: () => stop(),
  };
}

function calmly({ clock }: FlowsHouse, show: (status: NodeStatus) => void) {
  let waiting: NodeStatus | undefined;
  let stop: (() => void) | undefined;
  const tick = () => {
    stop = undefined;
    if (!waiting) return;
    show(waiting);
    waiting = undefined;
    stop = clock.after(STATUS_MS, tick);
  };
  return {
    say(status: NodeStatus) {
      waiting = status;
      if (!stop) tick();
    },
    stop: () => stop?.(),
  };
}
