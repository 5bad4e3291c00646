import { HttpError, InfluxDB } from '@influxdata/influxdb-client';
import { OperationalError } from '#runtime/errors.ts';

/** Writes line protocol. Resolves undefined when the database has it, or with its reason when it will never take these lines; rejects when it is away. */
export interface InfluxWriter {
  write(lines: string): Promise<string | undefined>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 20_000;
/** 400 and 422: the lines are wrong; asking again changes nothing. Everything else may pass. */
const isFinal = (status: number): boolean => status === 400 || status === 422;

/** InfluxDB 1.x: `POST /write`. (The 2.x client speaks only /api/v2, which 1.6 does not have.) */
export function influx1Writer({
  url,
  database,
  username,
  password,
}: {
  url: string;
  database: string;
  username?: string;
  password?: string;
}): InfluxWriter {
  const target = new URL('write', url.endsWith('/') ? url : `${url}/`);
  target.searchParams.set('db', database);
  target.searchParams.set('precision', 'ns');
  const headers: Record<string, string> = { 'content-type': 'text/plain; charset=utf-8' };
  if (username !== undefined) headers.authorization = `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
  return {
    async write(lines) {
      const response = await fetch(target, { method: 'POST', headers, body: lines, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await response.text();
      if (response.ok) return undefined;
      if (isFinal(response.status)) return text.slice(0, 500);
      throw new OperationalError('DATABASE_UNREACHABLE', `InfluxDB answers ${response.status}: ${text.slice(0, 200)}`);
    },
    close: () => Promise.resolve(),
  };
}

/** InfluxDB 2.x and 3.x by the official client; our spool does the retrying. */
export function influx2Writer({ url, org, bucket, token }: { url: string; org: string; bucket: string; token: string }): InfluxWriter {
  const api = new InfluxDB({ url, token, timeout: TIMEOUT_MS }).getWriteApi(org, bucket, 'ns', {
    maxRetries: 0,
    batchSize: 100_000,
    flushInterval: 0,
    maxBufferLines: 200_000,
  });
  return {
    async write(lines) {
      api.writeRecords(lines.split('\n'));
      try {
        await api.flush(false);
        return undefined;
      } catch (error) {
        if (error instanceof HttpError && isFinal(error.statusCode)) return error.message.slice(0, 500);
        throw error;
      }
    },
    close: () => api.close().catch(() => undefined),
  };
}
