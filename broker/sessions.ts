import { filterMatches } from '#contracts/topics.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Log } from '#runtime/log.ts';
import type { Bounds } from './bounds.ts';
import type { Disk } from './disk.ts';
import type { Journal } from './journal.ts';
import { openMessages } from './messages.ts';
import { allQueues, Session, type SessionParts } from './session.ts';

const SESSION = 'c/';
const SUBSCRIPTION = 's/';
const ROUTES_MAX = 50_000;

const sessionKey = (clientId: string): string => SESSION + encodeURIComponent(clientId);
const subscriptionKey = (clientId: string, filter: string): string =>
  `${SUBSCRIPTION}${encodeURIComponent(clientId)}/${encodeURIComponent(filter)}`;

/** All durable sessions. */
export interface Sessions {
  find(clientId: string): Session | undefined;
  /** Makes the session if need be. Throws when the user has too many. */
  subscribe(clientId: string, user: string, filter: string, qos: number): void;
  unsubscribe(clientId: string, filter: string): void;
  /** Ends a session for good. */
  remove(clientId: string): void;
  removeOf(user: string): void;
  /** Connected or gone: written down, so that absence is counted over restarts. */
  note(session: Session): void;
  /** Sessions that take QoS 1 messages of this topic. */
  wanting(topic: string): readonly Session[];
  /** Queues a message for every session that wants it; true when there was one. Goes out at once where possible. */
  distribute(topic: string, payload: Buffer): boolean;
  /** Queues a retained message for one session. */
  replay(session: Session, topic: string, payload: Buffer): void;
  /** Ends sessions whose client has been away too long. */
  expire(): void;
  readonly counts: { readonly sessions: number; readonly queued: number; readonly dropped: number; readonly memoryBytes: number };
}

interface Parts {
  readonly disk: Disk;
  readonly journal: Journal;
  readonly bounds: Bounds;
  readonly clock: Clock;
  readonly log: Log;
  onDropped(session: Session): void;
}

/** Opens the sessions that a data folder holds. */
export async function openSessions({ disk, journal, bounds, clock, log, onDropped }: Parts): Promise<Sessions> {
  const messages = openMessages(disk, journal, bounds.queueMemoryBytesMax);
  const parts: SessionParts = {
    messages,
    journal,
    bounds,
    onDropped,
    onUnreadable: (error) => log.error({ reason: error.message }, 'a queued message cannot be read back'),
  };
  const sessions = new Map<string, Session>();
  const routes = new Map<string, readonly Session[]>();
  let droppedBefore = 0;

  const note = (session: Session) =>
    journal.put(
      sessionKey(session.clientId),
      Buffer.from(JSON.stringify({ user: session.user, ...(session.leftAt === undefined ? {} : { leftAt: session.leftAt }) })),
    );

  function remove(clientId: string): void {
    const session = sessions.get(clientId);
    if (!session) return;
    session.clear();
    for (const filter of session.subscriptions.keys()) journal.del(subscriptionKey(clientId, filter));
    journal.del(sessionKey(clientId));
    droppedBefore += session.dropped;
    sessions.delete(clientId);
    routes.clear();
  }

  function create(clientId: string, user: string): Session {
    const own = [...sessions.values()].filter((session) => session.user === user);
    if (own.length >= bounds.sessionsPerUserMax) {
      const oldest = own.filter(({ leftAt }) => leftAt !== undefined).sort((a, b) => a.leftAt! - b.leftAt!)[0];
      if (!oldest) throw new Error(`${user} has ${own.length} durable sessions already`);
      log.warn({ user, client: oldest.clientId, queued: oldest.queued }, 'durable session ended: its user has too many');
      remove(oldest.clientId);
    }
    const session = new Session(clientId, user, parts);
    sessions.set(clientId, session);
    note(session);
    return session;
  }

  for await (const [key, value] of disk.entries(SESSION)) {
    const clientId = decodeURIComponent(key.slice(SESSION.length));
    const { user, leftAt } = JSON.parse(value.toString()) as { user: string; leftAt?: number };
    const session = new Session(clientId, user, parts);
    session.leftAt = leftAt ?? clock.now();
    sessions.set(clientId, session);
  }
  for await (const [key, value] of disk.entries(SUBSCRIPTION)) {
    const [, client = '', filter = ''] = key.split('/').map(decodeURIComponent);
    const session = sessions.get(client);
    if (session) session.subscriptions.set(filter, value.readUInt8(0));
    else journal.del(key);
  }
  for await (const [key, value] of disk.entries(allQueues)) {
    const [, client = '', seq = ''] = key.split('/');
    const session = sessions.get(decodeURIComponent(client));
    if (session) session.restore(messages.restore(Number.parseInt(seq, 16), value.readUInt32BE(0)));
    else journal.forget(key);
  }
  await messages.sweep();

  function wanting(topic: string): readonly Session[] {
    let found = routes.get(topic);
    if (!found) {
      found = [...sessions.values()].filter(({ subscriptions }) => {
        for (const [filter, qos] of subscriptions) if (qos > 0 && filterMatches(filter, topic)) return true;
        return false;
      });
      if (routes.size >= ROUTES_MAX) routes.clear();
      routes.set(topic, found);
    }
    return found;
  }

  return {
    find: (clientId) => sessions.get(clientId),
    subscribe(clientId, user, filter, qos) {
      const session = sessions.get(clientId) ?? create(clientId, user);
      session.subscriptions.set(filter, qos);
      journal.put(subscriptionKey(clientId, filter), Buffer.of(qos));
      routes.clear();
    },
    unsubscribe(clientId, filter) {
      if (!sessions.get(clientId)?.subscriptions.delete(filter)) return;
      journal.del(subscriptionKey(clientId, filter));
      routes.clear();
    },
    remove,
    removeOf(user) {
      for (const session of [...sessions.values()]) if (session.user === user) remove(session.clientId);
    },
    note,
    wanting,
    distribute(topic, payload) {
      const takers = wanting(topic);
      if (takers.length === 0) return false;
      const message = messages.add(messages.next(), topic, payload, false);
      for (const session of takers) session.add(message);
      for (const session of takers) session.send();
      return true;
    },
    replay(session, topic, payload) {
      session.add(messages.add(messages.next(), topic, payload, true));
      session.send();
    },
    expire() {
      const now = clock.now();
      for (const session of [...sessions.values()]) {
        if (session.leftAt === undefined || now - session.leftAt < bounds.sessionAbsenceMax) continue;
        log.warn({ client: session.clientId, queued: session.queued }, 'durable session ended: nobody came back to it');
        remove(session.clientId);
      }
    },
    get counts() {
      let queued = 0;
      let dropped = droppedBefore;
      for (const session of sessions.values()) {
        queued += session.queued;
        dropped += session.dropped;
      }
      return { sessions: sessions.size, queued, dropped, memoryBytes: messages.memoryBytes };
    },
  };
}
