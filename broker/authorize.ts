import type { ChannelName } from '#contracts/channels.ts';
import type { Bounds } from './bounds.ts';
import type { Rights } from './rights.ts';

export interface Publication {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly qos: number;
  readonly retain: boolean;
}

/** Commands and replies carry CSV imports and floor plans, readings a ward's backlog. */
const WIDE: ReadonlySet<ChannelName> = new Set(['command', 'reply', 'readings']);

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly because: string };
export type PublishVerdict = { readonly ok: true; readonly retain: boolean } | { readonly ok: false; readonly because: string };

const no = (because: string) => ({ ok: false, because }) as const;
const YES = { ok: true } as const;

/** Characters that no topic of ours has: control characters, and what broken UTF-8 was decoded to. [MQTT-1.5.3-1, MQTT-1.5.3-2] */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const BROKEN = /[\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufffd]/;

export const isBrokenText = (text: string): boolean => BROKEN.test(text);

/** Wildcards stand alone in their segment and `#` at the end. [MQTT-4.7.1-2, MQTT-4.7.1-3] */
export function isFilter(filter: string): boolean {
  if (filter === '' || isBrokenText(filter)) return false;
  return filter.split('/').every((segment, i, all) => (segment === '#' ? i === all.length - 1 : segment === '+' || !/[+#]/.test(segment)));
}

/** May the principal publish this? A wrong QoS is refused, not mended, so that a mistake is found where it is made. */
export function checkPublish(rights: Rights, { topic, payload, qos, retain }: Publication, bounds: Bounds): PublishVerdict {
  const { user } = rights.principal;
  if (Buffer.byteLength(topic) > bounds.topicBytesMax) return no(`topic is longer than ${bounds.topicBytesMax} bytes`);
  if (isBrokenText(topic) || /[+#]/.test(topic)) return no('topic holds characters that no topic may have');
  const right = rights.publishes(topic);
  if (!right) return no(`${user} may not publish here`);
  const { name, channel } = right;
  const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const bytesMax = WIDE.has(name) ? bounds.widePayloadBytesMax : bounds.payloadBytesMax;
  if (bytes > bytesMax) return no(`payload of ${bytes} bytes: at most ${bytesMax} are allowed on ${name}`);
  if (channel.isForeign) {
    // Vehicles choose their QoS as they like, and some retain what must not be: the flag is dropped, the message is not.
    return { ok: true, retain: retain && channel.retain };
  }
  if (qos !== channel.qos) return no(`QoS ${qos}: ${name} is published with QoS ${channel.qos}`);
  // A retained channel also takes an unretained message: the last word before a withdrawal.
  if (retain && !channel.retain) return no(`retained: ${name} is not retained`);
  if (name === 'command') {
    const caller = checkCaller(payload, user);
    if (!caller.ok) return caller;
  }
  return { ok: true, retain };
}

/** A command carries its caller: nobody can ask in another's name. */
function checkCaller(payload: Buffer | string, user: string): Verdict {
  let envelope: unknown;
  try {
    envelope = JSON.parse(payload.toString());
  } catch {
    return no('command is not JSON');
  }
  const caller = typeof envelope === 'object' && envelope !== null && 'caller' in envelope ? envelope.caller : undefined;
  return caller === user ? YES : no(`command of caller ${JSON.stringify(caller) ?? 'nobody'}: must be ${user}`);
}

/** May the principal subscribe to this? `held`: the filters that it has subscribed to. */
export function checkSubscribe(rights: Rights, filter: string, held: ReadonlySet<string>, bounds: Bounds): Verdict {
  if (!isFilter(filter)) return no('not a topic filter');
  if (Buffer.byteLength(filter) > bounds.topicBytesMax) return no(`filter is longer than ${bounds.topicBytesMax} bytes`);
  const most = rights.principal.kind === 'service' ? bounds.serviceSubscriptionsMax : bounds.subscriptionsMax;
  if (held.size >= most && !held.has(filter)) return no(`${most} subscriptions are held already`);
  if (!rights.reads(filter)) return no(`${rights.principal.user} may not read all of this`);
  return YES;
}

/** A will is a publication: the same rights, known at the door. */
export function checkWill(rights: Rights, will: Publication, bounds: Bounds): PublishVerdict {
  if (will.qos > 2) return no(`last will of QoS ${will.qos}`); // [MQTT-3.1.2-14]
  return checkPublish(rights, will, bounds);
}
