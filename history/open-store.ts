import { readFileSync } from 'node:fs';
import { InfluxDB as InfluxQl } from 'influx';
import type { HistoryStore as Choice } from '#contracts/site.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Log } from '#runtime/log.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import type { HistoryStore } from './history-store.ts';
import { openInfluxStore } from './influx-store.ts';
import { influx1Writer, influx2Writer } from './influx-writers.ts';

const secret = (file: string): string => readFileSync(file, 'utf8').trim();

/** Opens the store that the site chooses. */
export function openHistoryStore(choice: Choice, path: (file: string) => string, { clock, log }: { clock: Clock; log: Log }): HistoryStore {
  if (choice.type === 'embedded')
    return openEmbeddedStore(path('history.sqlite'), { clock, ...(choice.retentionDays ? { retentionDays: choice.retentionDays } : {}) });
  const { hostname, port, protocol } = new URL(choice.url);
  const host = { host: hostname, port: Number(port || 8086), protocol: protocol.slice(0, -1) as 'http' | 'https' };
  const rest = { spoolFile: path('spool.sqlite'), clock, log };
  if (choice.type === 'influx1') {
    const login =
      choice.username === undefined ? {} : { username: choice.username, password: choice.passwordFile ? secret(choice.passwordFile) : '' };
    return openInfluxStore({
      ...rest,
      database: choice.database,
      writer: influx1Writer({ url: choice.url, database: choice.database, ...login }),
      reader: new InfluxQl({ ...host, ...login, database: choice.database }),
    });
  }
  const token = secret(choice.tokenFile);
  const { org, bucket, url } = choice;
  const reader = new InfluxQl({ hosts: [{ ...host, options: { headers: { authorization: `Token ${token}` } } }], database: bucket });
  return openInfluxStore({ ...rest, database: bucket, writer: influx2Writer({ url, org, bucket, token }), reader });
}
