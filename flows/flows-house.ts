import type { CommandName } from '#contracts/commands.ts';
import type { Site } from '#contracts/site.ts';
import { milliseconds } from '#contracts/units.ts';
import { type Clock, sleep } from '#runtime/clock.ts';
import { type ArgsOf, Refusal, type Requester, type ResultOf } from '#runtime/commands.ts';
import { OperationalError } from '#runtime/errors.ts';
import type { SentOnce } from './sent-once.ts';
import type { WardFeed } from './ward-feed.ts';

/** What every node of ours is given, as `RED.settings.wardline`. */
export interface FlowsHouse {
  readonly site: Site;
  readonly feed: WardFeed;
  readonly sentOnce: SentOnce;
  readonly clock: Clock;
  /** Asks once; rejects with Refusal or COMMAND_DEADLINE. */
  request: Requester['request'];
}

const FIRST_WAIT_MS = 500;
const WAIT_MAX_MS = 30_000;

const isPassing = (error: unknown): boolean =>
  error instanceof Refusal
    ? error.code === 'overloaded' || error.code === 'expired' || error.code === 'failed'
    : error instanceof OperationalError && error.code !== 'BUS_CLOSED';

/** Asks again while the owner is away or overloaded, with growing waits, until `tries` are used up or `isWanted` says no. Only for commands that may be repeated. */
export async function askUntilAnswered<C extends CommandName>(
  { request, clock }: Pick<FlowsHouse, 'request' | 'clock'>,
  name: C,
  args: ArgsOf<C>,
  { tries = 20, isWanted }: { tries?: number; isWanted: () => boolean },
): Promise<ResultOf<C>> {
  for (let tried = 1, waitMs = FIRST_WAIT_MS; ; tried++, waitMs = Math.min(waitMs * 2, WAIT_MAX_MS)) {
    try {
      return await request(name, args);
    } catch (error) {
      if (!isPassing(error) || tried >= tries || !isWanted()) throw error;
      await sleep(clock, milliseconds(waitMs));
      if (!isWanted()) throw error;
    }
  }
}
