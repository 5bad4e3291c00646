import { type Channel, channels } from '#contracts/channels.ts';
import { template } from '#contracts/topics.ts';
import { version } from '#runtime/service.ts';

/** AsyncAPI 3.0 of the bus, computed from the channels. */
export function asyncApi(): unknown {
  const entries = Object.entries(channels) as [string, Channel][];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Wardline bus',
      version,
      description: 'Topics, messages, quality of service and retention of every channel. Computed from contracts/channels.ts.',
      license: { name: 'Apache-2.0' },
    },
    servers: { house: { host: 'localhost:1883', protocol: 'mqtt', protocolVersion: '3.1.1' } },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      entries.map(([name, channel]) => {
        const address = template(channel);
        const parameters = Object.fromEntries([...address.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => [parameter, {}]));
        return [
          name,
          { address, description: channel.summary, parameters, messages: { [name]: { $ref: `#/components/messages/${name}` } } },
        ];
      }),
    ),
    operations: Object.fromEntries(
      entries.flatMap(([name, channel]) => [
        ...channel.writers.map((party) => [`${party}Sends${capital(name)}`, operation('send', name, channel)] as const),
        ...channel.readers.map((party) => [`${party}Receives${capital(name)}`, operation('receive', name, channel)] as const),
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        entries.map(([name, channel]) => [name, { name, summary: channel.summary, payload: JSON.parse(JSON.stringify(channel.schema)) }]),
      ),
    },
  };
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const operation = (action: 'send' | 'receive', name: string, { qos, retain }: Channel) => ({
  action,
  channel: { $ref: `#/channels/${name}` },
  bindings: { mqtt: { qos, retain, bindingVersion: '0.2.0' } },
});
