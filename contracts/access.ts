import { type Channel, type ChannelName, channels, type Party } from './channels.ts';
import { type CommandDefinition, commands, type ServiceName, serviceNames } from './commands.ts';
import { filterOf } from './topics.ts';

/** Somebody with credentials at the broker. `user` is the MQTT user name and the address for replies. */
export type Principal =
  | { readonly kind: 'service'; readonly user: string; readonly service: ServiceName }
  | { readonly kind: 'edge'; readonly user: string; readonly edge: string; readonly ward: string }
  | { readonly kind: 'device'; readonly user: string; readonly device: string; readonly ward: string }
  | {
      readonly kind: 'robot';
      readonly user: string;
      readonly interfaceName: string;
      readonly major: string;
      readonly manufacturer: string;
      readonly serialNumber: string;
    }
  | { readonly kind: 'facility'; readonly user: string };

export const userNameOf = (kind: Principal['kind'], id: string): string => `${kind}.${id}`;

export interface Access {
  readonly publish: readonly string[];
  readonly read: readonly string[];
}

const partyOf = (principal: Principal): Party => (principal.kind === 'service' ? principal.service : principal.kind);

/** What the principal is fixed to in a topic: an edge to its ward and name, a robot to its own branch. */
function bindingOf(principal: Principal, name: ChannelName, isWriting: boolean): Record<string, string> {
  const own: Record<string, string> = {};
  if (name === 'reply' && !isWriting) return { client: principal.user };
  if (name === 'rejected' && !isWriting) return { client: principal.user };
  if (principal.kind === 'edge') Object.assign(own, { ward: principal.ward, edge: principal.edge });
  if (principal.kind === 'device') Object.assign(own, { ward: principal.ward, device: principal.device });
  if (principal.kind === 'robot') {
    const { interfaceName, major, manufacturer, serialNumber } = principal;
    Object.assign(own, { interfaceName, major, manufacturer, serialNumber });
  }
  if (principal.kind === 'service' && name === 'service') return isWriting ? { service: principal.service } : {};
  return own;
}

/** Least privilege, computed from the channels and the commands table: nothing else may be published or read. */
export function accessOf(principal: Principal, site: string): Access {
  const party = partyOf(principal);
  const publish: string[] = [];
  const read: string[] = [];
  for (const [name, channel] of Object.entries(channels) as [ChannelName, Channel][]) {
    if (name === 'command') continue;
    if (channel.writers.includes(party) || channel.writers.includes('any'))
      publish.push(filterOf(channel, site, bindingOf(principal, name, true)));
    // A writer may read its own retained topics: at start it clears those that it no longer owns.
    const isOwn = channel.retain && principal.kind === 'service' && channel.writers.includes(party);
    if (isOwn || channel.readers.includes(party) || channel.readers.includes('any'))
      read.push(filterOf(channel, site, bindingOf(principal, name, false)));
  }
  if (principal.kind === 'service') {
    for (const { service, verb, callers } of Object.values(commands) as CommandDefinition[]) {
      if (callers.includes(principal.service)) publish.push(filterOf(channels.command, site, { service, verb }));
    }
    read.push(filterOf(channels.command, site, { service: principal.service }));
  }
  return { publish, read };
}

/** The principals of our own services. */
export const servicePrincipals = (): Principal[] =>
  serviceNames.map((service) => ({ kind: 'service', service, user: userNameOf('service', service) }));
