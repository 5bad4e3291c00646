import { type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { Bus, MessageOf } from '#runtime/bus.ts';

/** What flows can listen to. Readings are not among it: they never travel over wires. */
export const feedChannels = ['finding', 'alarm', 'mission', 'occupancy', 'order', 'duty', 'location'] as const;
export type FeedChannel = (typeof feedChannels)[number];

export interface Change<C extends FeedChannel> {
  readonly message: MessageOf<C>;
  /** What was so before; undefined when this is the first word. */
  readonly previous: MessageOf<C> | undefined;
  /** True for what was so already when the node began to listen, after a start or a redeploy. */
  readonly isReplay: boolean;
}
export type Listener<C extends FeedChannel> = (change: Change<C>) => void;

export interface WardFeed {
  /** Calls at once for everything that is so now, then for every change; the returned function ends it. */
  listen<C extends FeedChannel>(channel: C, listener: Listener<C>): () => void;
  /** The newest word on one thing: `current('order', ['7e', '12', '1'])`. */
  current<C extends FeedChannel>(channel: C, path: readonly string[]): MessageOf<C> | undefined;
  /** The flows run: what came in so far is told to them, and acknowledged. */
  begin(): void;
}

/** Missions that have closed are told for this long to nodes that begin to listen: a redeploy falls into no gap. */
const CLOSED_KEPT_MS = milliseconds(600_000);

const revisionOf = (message: object): number => ('revision' in message ? Number(message.revision) : 0);
const isSameFinding = (a: MessageOf<'finding'>, b: MessageOf<'finding'>) => a.occurrence === b.occurrence && a.isPresent === b.isPresent;

/**
 * The bus as the nodes see it. Connections live here and not in nodes, so that a redeploy drops none; retained state is kept, so that a node
 * that begins to listen knows what is so. Nothing is acknowledged before the flows run. `quick` carries locations, of which none needs keeping.
 */
export function openWardFeed(kept: Bus, quick: Bus): { feed: WardFeed; subscribed: Promise<unknown> } {
  const states = new Map<FeedChannel, Map<string, object>>(feedChannels.map((name) => [name, new Map()]));
  const listeners = new Map<FeedChannel, Set<Listener<FeedChannel>>>(feedChannels.map((name) => [name, new Set()]));
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });

  function take<C extends FeedChannel>(name: C, key: string, message: MessageOf<C> | undefined, isReplay: boolean): void {
    const known = states.get(name)!;
    const previous = known.get(key) as MessageOf<C> | undefined;
    if (message === undefined) {
      if (!isEnded(previous)) known.delete(key);
      return;
    }
    if (previous && isOld(name, message, previous)) return;
    if (name === 'finding' && !(message as MessageOf<'finding'>).isPresent) known.delete(key);
    else known.set(key, message);
    if (isEnded(message)) forgetLater(known, key, message, CLOSED_KEPT_MS);
    for (const listener of listeners.get(name)!) listener({ message, previous, isReplay } as Change<FeedChannel>);
  }
  const isEnded = (message: object | undefined): boolean => message !== undefined && 'isClosed' in message && message.isClosed === true;
  const isOld = (name: FeedChannel, message: object, previous: object): boolean =>
    name === 'finding'
      ? isSameFinding(message as MessageOf<'finding'>, previous as MessageOf<'finding'>)
      : 'revision' in message && revisionOf(message) <= revisionOf(previous);
  const forgetLater = (known: Map<string, object>, key: string, message: object, delay: Milliseconds) =>
    kept.clock.after(delay, () => {
      if (known.get(key) === message) known.delete(key);
    });

  const subscribed = Promise.all(
    feedChannels.map((name) =>
      (name === 'location' ? quick : kept).subscribe(name, {}, async (message, { params, isRetained }) => {
        await begun;
        take(name, Object.values(params).join('/'), message, isRetained);
      }),
    ),
  );

  const feed: WardFeed = {
    listen(name, listener) {
      const known = [...states.get(name)!.values()] as MessageOf<typeof name>[];
      for (const message of known) listener({ message, previous: undefined, isReplay: true });
      const all = listeners.get(name)!;
      all.add(listener as Listener<FeedChannel>);
      return () => void all.delete(listener as Listener<FeedChannel>);
    },
    current: (name, path) => states.get(name)?.get(path.join('/')) as MessageOf<typeof name> | undefined,
    begin: () => begin(),
  };
  return { feed, subscribed };
}
