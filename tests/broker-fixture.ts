import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrokerOptions, startBroker } from '#broker/broker.ts';
import { readCredential } from '#broker/credentials.ts';
import { ensurePrincipals, openIdentities } from '#broker/identities.ts';
import type { Site } from '#contracts/site.ts';
import type { BusOptions } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';

/** One ward with two beds, an edge and a robot: enough for most tests. */
export const smallSite: Site = {
  schema: 'site.v1',
  site: 'test',
  name: { 'zh-CN': '测试', en: 'Test' },
  timeZone: 'Asia/Shanghai',
  wards: [
    {
      id: 'w1',
      name: { 'zh-CN': '一病区', en: 'Ward 1' },
      beds: [
        { id: 'b1', lines: ['l1'] },
        { id: 'b2', lines: ['l1'] },
      ],
    },
  ],
  edges: [{ id: 'e1', ward: 'w1' }],
  robots: [
    {
      id: 'r1',
      kind: 'delivery',
      adapter: { type: 'vda5050', interfaceName: 'uagv', version: '2.0.0', manufacturer: 'acme', serialNumber: '0001' },
      home: 'home',
    },
  ],
};

export interface TestBroker extends AsyncDisposable {
  readonly url: string;
  readonly site: Site;
  readonly dataDir: string;
  readonly websocketUrl: string;
  /** The secret of a principal of the site: `service.watch`, `edge.e1`, `robot.r1`, `facility.main`. */
  credential(user: string): { readonly user: string; readonly secret: string };
  /** Options for `connectBus`. A service gets its last will. */
  busOf(user: string, options?: { isDurable?: boolean; connectionName?: string }): BusOptions;
}

/** Starts the real broker in this process on an ephemeral port of loopback, with a data folder of its own and the principals of the site. */
export async function startTestBroker({
  site = smallSite,
  dataDir = mkdtempSync(join(tmpdir(), 'wardline-broker-')),
  ...options
}: { site?: Site; dataDir?: string } & Partial<Pick<BrokerOptions, 'bounds' | 'log' | 'disk'>> = {}): Promise<TestBroker> {
  ensurePrincipals(dataDir, site);
  const identities = openIdentities(dataDir, systemClock.now);
  const broker = await startBroker({
    site: site.site,
    identities,
    listeners: { mqtt: { host: '127.0.0.1', port: 0 }, websocket: { host: '127.0.0.1', port: 0 } },
    dataDir,
    clock: systemClock,
    log: silentLog(),
    ...options,
  });
  const url = `mqtt://127.0.0.1:${broker.listening.mqtt!.port}`;
  const credential = (user: string) => {
    const secret = readCredential(dataDir, user);
    if (secret === undefined) throw new Error(`${user} is no principal of the test's site`);
    return { user, secret };
  };
  return {
    url,
    site,
    dataDir,
    websocketUrl: `ws://127.0.0.1:${broker.listening.websocket!.port}/mqtt`,
    credential,
    busOf: (user, { isDurable = false, connectionName } = {}) => ({
      url,
      site: site.site,
      ...credential(user),
      isDurable,
      ...(connectionName === undefined ? {} : { connectionName }),
      ...(user.startsWith('service.') ? { service: user.slice('service.'.length) as NonNullable<BusOptions['service']> } : {}),
    }),
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]();
      identities[Symbol.dispose]();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
