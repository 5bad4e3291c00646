import type { ServiceName } from '#contracts/commands.ts';
import { instant } from '#contracts/units.ts';
import type { Bus } from '#runtime/bus.ts';
import { type ArgsOf, type CommandHandlers, serveCommands } from '#runtime/commands.ts';
import { silentLog } from '#runtime/log.ts';

/** A command that came over the bus, and on whose behalf. */
export interface Asked {
  readonly command: string;
  readonly person: string | undefined;
  readonly args: unknown;
}
type Owner = Extract<ServiceName, 'alarms' | 'fleet' | 'records' | 'history'>;

/** Answers the commands of one service in the least that makes sense of each, and notes them. */
export async function answerCommands(bus: Bus, service: Owner, asked: Asked[]): Promise<void> {
  const note =
    <A, R>(command: string, result: (args: A) => R) =>
    (args: A, { person }: { person?: string }): R => {
      asked.push({ command, person, args });
      return result(args);
    };
  const owners: { [S in Owner]: Partial<CommandHandlers<S>> } = {
    alarms: {
      acknowledge: note('acknowledge', ({ alarm }: ArgsOf<'acknowledge'>) => ({ alarm })),
      alarmLog: note('alarmLog', () => ({
        transitions: ['w1', 'w2'].map((ward) => ({
          alarm: `near_empty-${ward}-02.1`,
          ward,
          kind: 'near_empty' as const,
          subject: '02.1',
          what: 'acknowledged',
          at: bus.clock.now(),
          person: 'nurse',
        })),
      })),
    },
    fleet: {
      sendRobot: note('sendRobot', () => ({ mission: 'm-9' })),
      cancelMission: note('cancelMission', () => ({})),
      stopAll: note('stopAll', () => ({ reached: ['d01'], notReached: [] })),
      resumeAll: note('resumeAll', () => ({})),
      fire: note('fire', () => ({})),
      listMissions: note('listMissions', () => ({ missions: [] })),
    },
    records: {
      admit: note('admit', () => ({ patient: 'p-1' })),
      discharge: note('discharge', () => ({ patient: 'p-1', stoppedOrders: [] })),
      startOrder: note('startOrder', () => ({ order: 'o-1' })),
      stopOrder: note('stopOrder', () => ({ order: 'o-1' })),
      listOrders: note('listOrders', () => ({ orders: [] })),
    },
    history: {
      query: note('query', ({ field, from, until }: ArgsOf<'query'>) => {
        const points = Array.from({ length: 120 }, (_, i) => {
          const share = i / 119;
          const mean = field === 'remainingMl' ? 500 - 420 * share : 80 + 12 * Math.sin(i / 7);
          return { at: instant(from + (until - from) * share), mean, min: mean - 3, max: mean + 3 };
        });
        return { points };
      }),
      counts: note('counts', () => ({ counts: { infusion: 1200, reading: 88_000 }, spooled: 0, lagMs: 120 })),
    },
  };
  await serveCommands(bus, service, owners[service] as CommandHandlers<Owner>, silentLog());
}
