import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import { channels } from '#contracts/channels.ts';
import {
  type CommandDefinition,
  type CommandEnvelope,
  type CommandName,
  type Commands,
  commands,
  type Reply,
  type ServiceName,
} from '#contracts/commands.ts';
import { instant, type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { Bus } from './bus.ts';
import { OperationalError } from './errors.ts';
import type { Log } from './log.ts';
import { type Parser, parser, sayProblems } from './validate.ts';

export type ArgsOf<C extends CommandName> = Static<Commands[C]['args']>;
export type ResultOf<C extends CommandName> = Static<Commands[C]['result']>;

/** The owner's no, with its reason in the words shown to the person. */
export class Refusal extends Error {
  readonly code: Extract<Reply, { ok: false }>['code'];
  constructor(because: string, code: Extract<Reply, { ok: false }>['code'] = 'refused') {
    super(because);
    this.name = 'Refusal';
    this.code = code;
  }
}

export interface CommandContext {
  readonly caller: string;
  readonly person?: string;
}

export interface Requester {
  /** Resolves with the owner's result. Rejects with Refusal (its reason) or COMMAND_DEADLINE: unanswered is never done. */
  request<C extends CommandName>(name: C, args: ArgsOf<C>, options?: { person?: string; timeout?: Milliseconds }): Promise<ResultOf<C>>;
}

const TIMEOUT = milliseconds(5000);
const WAITING_MAX = 10_000;

/** Commands of one process. Subscribes to its own reply topic once. */
export async function openRequester(bus: Bus): Promise<Requester> {
  const waiting = new Map<string, (reply: Reply) => void>();
  await bus.subscribe('reply', { client: bus.user }, (reply) => {
    if (reply) waiting.get(reply.id)?.(reply);
  });
  return {
    request(name, args, { person, timeout = TIMEOUT } = {}) {
      const { service, verb } = commands[name];
      const id = randomUUID();
      if (waiting.size >= WAITING_MAX)
        return Promise.reject(new OperationalError('BUS_OVERLOADED', `${WAITING_MAX} commands wait for their answer`));
      return new Promise((resolve, reject) => {
        const cancel = bus.clock.after(timeout, () => {
          waiting.delete(id);
          reject(new OperationalError('COMMAND_DEADLINE', `${service} did not answer ${verb} within ${timeout} ms`));
        });
        waiting.set(id, (reply) => {
          cancel();
          waiting.delete(id);
          if (reply.ok) resolve(reply.result as never);
          else reject(new Refusal(reply.because, reply.code));
        });
        const envelope: CommandEnvelope = {
          schema: 'command.v1',
          id,
          caller: bus.user,
          ...(person === undefined ? {} : { person }),
          deadline: instant(bus.clock.now() + timeout),
          args,
        };
        bus.publish('command', { service, verb }, envelope).catch((error: Error) => {
          cancel();
          waiting.delete(id);
          reject(error);
        });
      });
    },
  };
}

export type CommandHandlers<S extends ServiceName> = {
  [C in CommandName as Commands[C]['service'] extends S ? C : never]: (
    args: ArgsOf<C>,
    context: CommandContext,
  ) => ResultOf<C> | Promise<ResultOf<C>>;
};

const ANSWERED_MAX = 10_000;

/** Serves all commands of a service. What has expired is refused, a repeated id gets its first answer, arguments are checked; a Refusal thrown by the handler is the answer, anything else thrown is answered `failed` and logged. */
export async function serveCommands<S extends ServiceName>(bus: Bus, service: S, handlers: CommandHandlers<S>, log: Log): Promise<void> {
  const answered = new Map<string, Promise<Reply>>();
  const verbs = new Map<string, { args: Parser<unknown>; handle: (args: unknown, context: CommandContext) => unknown }>();
  for (const [name, definition] of Object.entries(commands) as [CommandName, CommandDefinition][]) {
    if (definition.service !== service) continue;
    const handle = (handlers as Record<string, (args: unknown, context: CommandContext) => unknown>)[name];
    if (handle) verbs.set(definition.verb, { args: parser(definition.args), handle });
  }
  const no = (id: string, code: Extract<Reply, { ok: false }>['code'], because: string): Reply => ({
    schema: 'reply.v1',
    id,
    ok: false,
    code,
    because: because.slice(0, 1000),
  });

  async function answer(verb: string, envelope: CommandEnvelope): Promise<Reply> {
    const { id } = envelope;
    if (envelope.deadline < bus.clock.now()) return no(id, 'expired', `${verb} came after its deadline`);
    const served = verbs.get(verb);
    if (!served) return no(id, 'unknown', `${service} knows no command ${verb}`);
    const args = served.args.parse(envelope.args);
    if (!args.ok) return no(id, 'invalid', sayProblems(args.problems));
    try {
      const result = await served.handle(args.value, {
        caller: envelope.caller,
        ...(envelope.person === undefined ? {} : { person: envelope.person }),
      });
      return { schema: 'reply.v1', id, ok: true, result };
    } catch (error) {
      if (error instanceof Refusal) return no(id, error.code, error.message);
      log.error({ err: error, verb }, 'command failed');
      return no(id, 'failed', `${service} failed at ${verb}`);
    }
  }

  await bus.subscribe('command', { service }, async (envelope, { params }) => {
    if (!envelope) return;
    const key = `${envelope.caller} ${envelope.id}`;
    let reply = answered.get(key);
    if (!reply) {
      reply = answer(params.verb, envelope);
      answered.set(key, reply);
      if (answered.size > ANSWERED_MAX) answered.delete(answered.keys().next().value as string);
    }
    const said = await reply;
    bus
      .publish('reply', { client: envelope.caller }, said)
      .catch((error: Error) => log.warn({ reason: error.message, topic: channels.reply.topic }, 'reply not sent'));
  });
}
