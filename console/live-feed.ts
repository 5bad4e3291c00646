import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Mirror, Mirrored } from './mirror.ts';
import { type Person, type View, viewKey, viewOf } from './rights.ts';

/** Changes are gathered this long; alarms go out at once. */
const GATHER_MS = milliseconds(200);
const GATHER_ALARM_MS = milliseconds(10);
/** A screen that has heard nothing for a few of these shows itself as dead. */
export const BEAT_MS = milliseconds(1000);
/** A screen that reads slower than this fills is left out until it has caught up, then gets everything anew. */
const BUFFER_BYTES_MAX = 2 << 20;
const CAUGHT_UP_BYTES = 64 << 10;
/** And is let go when it has not caught up in this time. */
const LAG_MS_MAX = milliseconds(20_000);

/** What the feed needs of a WebSocket. */
export interface LiveSocket {
  readonly bufferedAmount: number;
  send(text: string): void;
  terminate(): void;
}

export interface LiveFeed extends AsyncDisposable {
  /** Sends a snapshot, then changes. Returns how to leave. */
  join(socket: LiveSocket, person: Person): () => void;
  readonly clients: number;
}

interface Client {
  readonly socket: LiveSocket;
  laggingSince: number | undefined;
}
interface Group {
  readonly view: View;
  readonly clients: Set<Client>;
}

const EQUIPMENT: ReadonlySet<Mirrored> = new Set(['deviceStatus', 'placement']);

/** May somebody with this view see a thing of this kind and ward? */
export function isVisible({ wards, seesHouse, seesEquipment }: View, kind: Mirrored, ward: string | undefined): boolean {
  if (EQUIPMENT.has(kind) && !seesEquipment) return false;
  if (ward === undefined) return true;
  if (ward === 'house') return seesHouse;
  return wards === undefined || wards.has(ward);
}

/** Sends the mirror's state to the screens. Each change is encoded once, each message once for all people with the same rights. */
export function openLiveFeed(mirror: Mirror, clock: Clock, isBusConnected: () => boolean): LiveFeed {
  const groups = new Map<string, Group>();
  const calm = new Map<string, { kind: Mirrored; ward: string | undefined; json: string }>();
  const urgent = new Map<string, { kind: Mirrored; ward: string | undefined; json: string }>();
  let cancelCalm: (() => void) | undefined;
  let cancelUrgent: (() => void) | undefined;

  const message = (type: 'snapshot' | 'delta', fragments: readonly string[]) =>
    `{"type":"${type}","at":${clock.now()},"bus":${isBusConnected()},"changes":[${fragments.join(',')}]}`;
  const snapshotOf = (view: View): string => {
    const fragments: string[] = [];
    for (const { kind, ward, json } of mirror.entries()) if (isVisible(view, kind, ward)) fragments.push(json);
    return message('snapshot', fragments);
  };

  /** Sends, or leaves the client out while its buffer is full. */
  const offer = (group: Group, client: Client, text: string, snapshot: () => string) => {
    const { socket } = client;
    if (client.laggingSince !== undefined) {
      if (socket.bufferedAmount <= CAUGHT_UP_BYTES) {
        client.laggingSince = undefined;
        socket.send(snapshot());
      } else if (clock.elapsed() - client.laggingSince > LAG_MS_MAX) {
        group.clients.delete(client);
        socket.terminate();
      }
      return;
    }
    if (socket.bufferedAmount > BUFFER_BYTES_MAX) client.laggingSince = clock.elapsed();
    else socket.send(text);
  };
  const broadcast = (textOf: (view: View) => string | undefined) => {
    for (const group of groups.values()) {
      const text = textOf(group.view);
      if (text === undefined) continue;
      let snapshot: string | undefined;
      for (const client of group.clients)
        offer(group, client, text, () => {
          snapshot ??= snapshotOf(group.view);
          return snapshot;
        });
    }
  };
  const flush = (changes: typeof calm) => {
    const list = [...changes.values()];
    changes.clear();
    broadcast((view) => {
      const fragments: string[] = [];
      for (const { kind, ward, json } of list) if (isVisible(view, kind, ward)) fragments.push(json);
      return fragments.length > 0 ? message('delta', fragments) : undefined;
    });
  };

  mirror.onChange(({ kind, key, ward, entry }) => {
    if (groups.size === 0) return;
    const change = { kind, ward, json: entry?.json ?? JSON.stringify([kind, key, null]) };
    if (kind === 'alarm') {
      urgent.set(key, change);
      cancelUrgent ??= clock.after(GATHER_ALARM_MS, () => {
        cancelUrgent = undefined;
        flush(urgent);
      });
    } else {
      calm.set(`${kind} ${key}`, change);
      cancelCalm ??= clock.after(GATHER_MS, () => {
        cancelCalm = undefined;
        flush(calm);
      });
    }
  });
  const stopBeat = clock.every(BEAT_MS, () => {
    const text = `{"type":"beat","at":${clock.now()},"bus":${isBusConnected()}}`;
    broadcast(() => text);
  });

  return {
    get clients() {
      let count = 0;
      for (const group of groups.values()) count += group.clients.size;
      return count;
    },
    join(socket, person) {
      const view = viewOf(person);
      const key = viewKey(view);
      const group = groups.get(key) ?? { view, clients: new Set<Client>() };
      groups.set(key, group);
      const client: Client = { socket, laggingSince: undefined };
      group.clients.add(client);
      socket.send(snapshotOf(view));
      return () => {
        group.clients.delete(client);
        if (group.clients.size === 0 && groups.get(key) === group) groups.delete(key);
      };
    },
    async [Symbol.asyncDispose]() {
      stopBeat();
      cancelCalm?.();
      cancelUrgent?.();
      for (const group of groups.values()) for (const { socket } of group.clients) socket.terminate();
      groups.clear();
    },
  };
}
