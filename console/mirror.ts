import { milliseconds } from '#contracts/units.ts';
import type { Bus, MessageOf } from '#runtime/bus.ts';
import type { Clock } from '#runtime/clock.ts';

/** The retained channels that the screens show. */
export const mirrored = [
  'infusion',
  'order',
  'occupancy',
  'duty',
  'alarm',
  'mission',
  'robot',
  'fleetState',
  'liftState',
  'doorState',
  'service',
  'edgeStatus',
  'deviceStatus',
  'placement',
] as const;
export type Mirrored = (typeof mirrored)[number];

export interface Entry<C extends Mirrored = Mirrored> {
  readonly kind: C;
  /** The topic's parameters, joined by `/`. */
  readonly key: string;
  /** Absent for what belongs to the whole house. */
  readonly ward?: string;
  readonly message: MessageOf<C>;
  /** `["kind","key",message]`, encoded once for everybody. */
  readonly json: string;
}

/** `entry` undefined: it was withdrawn. */
export type MirrorListener = (change: { kind: Mirrored; key: string; ward?: string; entry: Entry | undefined }) => void;

export interface Mirror extends AsyncDisposable {
  get<C extends Mirrored>(kind: C, key: string): Entry<C> | undefined;
  all<C extends Mirrored>(kind: C): Entry<C>[];
  entries(): Iterable<Entry>;
  onChange(listener: MirrorListener): void;
}

/** After a reconnection the broker sends every retained message again. Once it has been quiet this long, what did not come again is gone. */
const QUIET_MS = milliseconds(1500);

/**
 * The bus's retained state in memory. Its session at the broker is a clean one, so what was withdrawn while the connection was away is found by its
 * absence after the reconnection.
 */
export async function openMirror(bus: Bus, clock: Clock): Promise<Mirror> {
  const tables = new Map<Mirrored, Map<string, { entry: Entry; generation: number }>>(mirrored.map((kind) => [kind, new Map()]));
  const listeners: MirrorListener[] = [];
  let generation = 0;
  let cancelPrune: (() => void) | undefined;

  const tell: MirrorListener = (change) => {
    for (const listener of listeners) listener(change);
  };
  const drop = (kind: Mirrored, key: string) => {
    const held = tables.get(kind)?.get(key);
    if (!held) return;
    tables.get(kind)?.delete(key);
    tell({ kind, key, ...(held.entry.ward === undefined ? {} : { ward: held.entry.ward }), entry: undefined });
  };
  const prune = () => {
    cancelPrune = undefined;
    for (const [kind, table] of tables) for (const [key, held] of table) if (held.generation !== generation) drop(kind, key);
  };
  const pruneWhenQuiet = () => {
    cancelPrune?.();
    cancelPrune = clock.after(QUIET_MS, prune);
  };

  bus.onState((isConnected) => {
    cancelPrune?.();
    cancelPrune = undefined;
    if (!isConnected) return;
    generation++;
    pruneWhenQuiet();
  });
  await Promise.all(
    mirrored.map((kind) =>
      bus.subscribe(kind, {}, (message, { params, isRetained }) => {
        const named = params as Record<string, string>;
        const key = Object.values(named).join('/');
        if (isRetained && cancelPrune) pruneWhenQuiet();
        if (message === undefined) return drop(kind, key);
        const entry = {
          kind,
          key,
          ...(named.ward === undefined ? {} : { ward: named.ward }),
          message,
          json: JSON.stringify([kind, key, message]),
        } as Entry;
        tables.get(kind)?.set(key, { entry, generation });
        tell({ kind, key, ...(named.ward === undefined ? {} : { ward: named.ward }), entry });
      }),
    ),
  );

  return {
    get: <C extends Mirrored>(kind: C, key: string) => tables.get(kind)?.get(key)?.entry as Entry<C> | undefined,
    all: <C extends Mirrored>(kind: C) => [...(tables.get(kind)?.values() ?? [])].map(({ entry }) => entry as Entry<C>),
    *entries() {
      for (const table of tables.values()) for (const { entry } of table.values()) yield entry;
    },
    onChange: (listener) => void listeners.push(listener),
    async [Symbol.asyncDispose]() {
      cancelPrune?.();
    },
  };
}
