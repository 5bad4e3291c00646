import { fileURLToPath } from 'node:url';
import { openAccounts } from '#console/accounts.ts';
import { openConsoleStore } from '#console/accounts-store.ts';
import { openAudit } from '#console/audit.ts';
import { openLiveFeed } from '#console/live-feed.ts';
import { openMirror } from '#console/mirror.ts';
import { openServer } from '#console/server.ts';
import type { Bus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { OperationalError } from '#runtime/errors.ts';
import { silentLog } from '#runtime/log.ts';
import { loadSite } from '#runtime/site.ts';

const away = () => Promise.reject(new OperationalError('BUS_CLOSED', 'nobody is on this bus'));
/** A bus with nobody on it: the description of the API needs none. */
const emptyBus: Bus = {
  site: 'demo',
  user: 'service.console',
  clock: systemClock,
  isConnected: false,
  publish: away,
  retract: away,
  subscribe: () => Promise.resolve(),
  onState: () => undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** OpenAPI 3.1 of the console, as the running server gives it under `/api/openapi.json`. */
export async function openApi(): Promise<unknown> {
  const log = silentLog();
  await using store = openConsoleStore(':memory:');
  await using mirror = await openMirror(emptyBus, systemClock);
  await using feed = openLiveFeed(mirror, systemClock, () => false);
  const app = await openServer({
    accounts: openAccounts(store, systemClock),
    audit: openAudit(store, systemClock),
    mirror,
    feed,
    requester: { request: away },
    site: loadSite(fileURLToPath(new URL('../../sites/demo/site.yaml', import.meta.url))),
    isSimulated: true,
    flows: { host: '127.0.0.1', port: 1, tokenFile: '' },
    webRoot: fileURLToPath(new URL('../../console/web', import.meta.url)),
    log,
    clock: systemClock,
  });
  const described: unknown = JSON.parse(JSON.stringify(app.swagger()));
  await app.close();
  return described;
}

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
}

/** The API at a glance; the whole of it is in openapi.json. */
export function apiPage(description: unknown): string {
  const { paths } = description as { paths: Record<string, Record<string, Operation>> };
  const rows = Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { summary = '', tags = [] }]) =>
          `| \`${method.toUpperCase()} ${path}\` | ${summary.replaceAll('|', '\\|')} | ${tags.join(', ')} |`,
      ),
    );
  return `# The console's API

Computed by \`npm run generate\`; do not edit. The machine-readable form is [openapi.json](openapi.json), served by a running console under \`/api/openapi.json\`.

Errors are RFC 9457 problems. A session is opened by \`POST /api/login\` and kept in a cookie.

| call | what | about |
|---|---|---|
${rows.join('\n')}
`;
}
