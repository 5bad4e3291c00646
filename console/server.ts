import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import type { Clock } from '#runtime/clock.ts';
import type { Requester } from '#runtime/commands.ts';
import type { Log } from '#runtime/log.ts';
import { version } from '#runtime/service.ts';
import type { LoadedSite } from '#runtime/site.ts';
import type { Accounts } from './accounts.ts';
import { type App, openApp } from './app.ts';
import type { Audit } from './audit.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Mirror } from './mirror.ts';
import { alarmRoutes } from './routes/alarms.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { type FlowsEditor, flowsEditorRoutes } from './routes/flows-editor.ts';
import { liveRoutes } from './routes/live.ts';
import { type MetricsSource, metricsRoutes } from './routes/metrics.ts';
import { peopleRoutes } from './routes/people.ts';
import { recordRoutes } from './routes/records.ts';
import { screenRoutes } from './routes/screens.ts';
import { sessionRoutes } from './routes/session.ts';
import { siteRoutes } from './routes/site.ts';
import { trendRoutes } from './routes/trends.ts';

/** What the server is made of; each group of routes takes only what it needs. */
export interface ServerParts {
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly mirror: Mirror;
  readonly feed: LiveFeed;
  readonly requester: Requester;
  readonly site: LoadedSite;
  readonly isSimulated: boolean;
  readonly flows: FlowsEditor;
  /** Absent: no `/metrics`. */
  readonly metrics?: MetricsSource;
  readonly webRoot: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** The console's HTTP server, not yet listening. */
export async function openServer(parts: ServerParts): Promise<App> {
  const { accounts, audit, mirror, feed, requester, site, isSimulated, flows, metrics, webRoot, log, clock, tls } = parts;
  const app = await openApp({ accounts, log, ...(tls ? { tls } : {}) });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Wardline console API',
        version,
        description:
          'Errors are RFC 9457 problems. A session is opened by `POST /api/login` and kept in a cookie. Times are milliseconds since 1970.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
    },
  });
  await liveRoutes(app, feed, accounts, audit, clock);
  await flowsEditorRoutes(app, flows, audit);
  await app.register(async (own: App) => {
    await own.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          imgSrc: ["'self'", 'data:'],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
      strictTransportSecurity: tls ? { maxAge: 31_536_000 } : false,
      referrerPolicy: { policy: 'no-referrer' },
    });
    await sessionRoutes(own, accounts, audit, tls !== undefined);
    await siteRoutes(own, site, isSimulated);
    await alarmRoutes(own, mirror, requester, audit);
    await fleetRoutes(own, mirror, requester, audit);
    const edgeWards = new Map((site.site.edges ?? []).map((edge) => [edge.id, edge.ward]));
    const deviceWards = new Map((site.site.devices ?? []).map((device) => [device.id, edgeWards.get(device.edge)]));
    await recordRoutes(own, mirror, requester, audit, (device) => deviceWards.get(device));
    await trendRoutes(own, requester, audit);
    await peopleRoutes(own, accounts, audit);
    if (metrics) await metricsRoutes(own, metrics);
    own.get('/api/openapi.json', { config: { access: 'anybody' }, schema: { hide: true } }, () => app.swagger());
    await screenRoutes(own, webRoot);
  });
  await app.ready();
  return app;
}
