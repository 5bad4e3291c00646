import type { Channel } from './channels.ts';

/** Topic grammar: `wardline/v1/{site}/...`. The only place where a topic string is put together or taken apart. */
const PREFIX = 'wardline/v1/{site}/';
export type Params = Readonly<Record<string, string>>;

/** The topic of a channel with its `{parameters}`. */
export const template = (channel: Channel): string => (channel.isForeign ? channel.topic : PREFIX + channel.topic);

/** The topic of a message. Throws when a parameter is missing or would break the grammar. */
export function topicOf(channel: Channel, site: string, params: Params): string {
  return template(channel).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = name === 'site' ? site : params[name];
    if (value === undefined || value === '' || /[/+#\0]/.test(value))
      throw new RangeError(`topic parameter ${name} of ${channel.topic} must be one segment without / + #, not ${JSON.stringify(value)}`);
    return value;
  });
}

/** The filter that matches a channel; a parameter that is not given matches anything. */
export function filterOf(channel: Channel, site: string, params: Params = {}): string {
  return template(channel).replace(/\{(\w+)\}/g, (_, name: string) => (name === 'site' ? site : (params[name] ?? '+')));
}

/** The parameters of a topic, or undefined when it is not of this channel. */
export function paramsOf(channel: Channel, site: string, topic: string): Record<string, string> | undefined {
  const pattern = template(channel).split('/');
  const segments = topic.split('/');
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (let i = 0; i < pattern.length; i++) {
    const expected = pattern[i]!;
    const segment = segments[i]!;
    if (expected === '{site}') {
      if (segment !== site) return undefined;
    } else if (expected.startsWith('{')) params[expected.slice(1, -1)] = segment;
    else if (expected !== segment) return undefined;
  }
  return params;
}

/** Does an MQTT filter match a topic? [MQTT-4.7] */
export function filterMatches(filter: string, topic: string): boolean {
  const f = filter.split('/');
  const t = topic.split('/');
  if (topic.startsWith('$') && !filter.startsWith('$')) return false; // [MQTT-4.7.2-1]
  for (let i = 0; i < f.length; i++) {
    if (f[i] === '#') return true;
    if (i >= t.length || (f[i] !== '+' && f[i] !== t[i])) return false;
  }
  return f.length === t.length;
}

/** Is everything that `asked` can match also matched by `granted`? Used to refuse a subscription wider than the right. */
export function filterCovers(granted: string, asked: string): boolean {
  const g = granted.split('/');
  const a = asked.split('/');
  for (let i = 0; i < g.length; i++) {
    if (g[i] === '#') return true;
    if (i >= a.length || a[i] === '#') return false;
    if (g[i] !== '+' && g[i] !== a[i]) return false;
  }
  return g.length === a.length;
}
