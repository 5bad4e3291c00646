import { accessOf, type Principal } from '#contracts/access.ts';
import { type Channel, type ChannelName, channels } from '#contracts/channels.ts';
import { filterCovers, filterMatches, filterOf } from '#contracts/topics.ts';

export interface PublishRight {
  readonly name: ChannelName;
  readonly channel: Channel;
}

/** What one principal may do at one site, ready to be asked for every message. */
export interface Rights {
  readonly principal: Principal;
  /** The channel through which the topic may be published; undefined: it may not. */
  publishes(topic: string): PublishRight | undefined;
  /** Is everything that the filter can match allowed? */
  reads(filter: string): boolean;
}

/** Compiles `accessOf`. Decisions are remembered per exact topic, at most `decisionsMax` of them. */
export function rightsOf(principal: Principal, site: string, decisionsMax: number): Rights {
  const access = accessOf(principal, site);
  const named = (Object.entries(channels) as [ChannelName, Channel][]).map(([name, channel]) => ({
    name,
    channel,
    filter: filterOf(channel, site),
  }));
  const granted = access.publish.map((filter) => {
    const of = named.find((entry) => filterCovers(entry.filter, filter));
    if (!of) throw new RangeError(`the right to publish ${filter} belongs to no channel`);
    return { filter, right: { name: of.name, channel: of.channel } };
  });
  const decided = new Map<string, PublishRight | undefined>();
  return {
    principal,
    publishes(topic) {
      if (decided.has(topic)) return decided.get(topic);
      const right = granted.find(({ filter }) => filterMatches(filter, topic))?.right;
      if (decided.size >= decisionsMax) decided.clear();
      decided.set(topic, right);
      return right;
    },
    reads: (asked) => access.read.some((filter) => filterCovers(filter, asked)),
  };
}
