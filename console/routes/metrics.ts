import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { scrapeHouse } from '#runtime/scrape.ts';
import type { App } from '../app.ts';
import { Problem } from '../problems.ts';

export interface MetricsSource {
  readonly dataDir: string;
  /** Holds the token that a Prometheus server must show; made at the first start. */
  readonly tokenFile: string;
}

/** `GET /metrics`: the metrics of every process of the house, for a Prometheus server that shows the token. */
export async function metricsRoutes(app: App, { dataDir, tokenFile }: MetricsSource): Promise<void> {
  const expected = digest(`Bearer ${tokenIn(tokenFile)}`);
  app.get('/metrics', { config: { access: 'anybody' }, schema: { hide: true } }, async (request, reply) => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected))
      throw new Problem(401, 'not_logged_in', 'The token of console/metrics-token in the data folder must be shown as a bearer token.');
    const texts = await scrapeHouse(dataDir);
    return reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .serializer(String)
      .send(merge([...texts.values()]));
  });
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function tokenIn(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  mkdirSync(dirname(file), { recursive: true });
  const token = randomBytes(32).toString('base64url');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/** The text format wants all samples of a name together, with one HELP and one TYPE. */
function merge(texts: readonly string[]): string {
  const groups = new Map<string, { head: string[]; samples: string[] }>();
  for (const text of texts) {
    let group: { head: string[]; samples: string[] } | undefined;
    let isKnown = false;
    for (const line of text.split('\n')) {
      const [, name] = /^# HELP (\S+)/.exec(line) ?? [];
      if (name !== undefined) {
        isKnown = groups.has(name);
        group = groups.get(name) ?? { head: [], samples: [] };
        groups.set(name, group);
      }
      if (line === '' || !group) continue;
      if (!line.startsWith('#')) group.samples.push(line);
      else if (!isKnown) group.head.push(line);
    }
  }
  return `${[...groups.values()].map(({ head, samples }) => [...head, ...samples].join('\n')).join('\n')}\n`;
}
