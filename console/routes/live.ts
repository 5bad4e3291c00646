import websocket from '@fastify/websocket';
import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Accounts } from '../accounts.ts';
import { type App, personOf } from '../app.ts';
import type { Audit } from '../audit.ts';
import type { LiveFeed } from '../live-feed.ts';

const CHECK_MS = milliseconds(10_000);
/** Told to a screen whose session has ended; it goes to the login. */
const CLOSE_LOGGED_OUT = 4401;
const SCREENS_MAX = 2000;

/** `/api/live`: a snapshot, then changes; a beat each second. Nothing is read from the screen. */
export async function liveRoutes(app: App, feed: LiveFeed, accounts: Accounts, audit: Audit, clock: Clock): Promise<void> {
  await app.register(websocket, { options: { maxPayload: 1024, perMessageDeflate: false } });
  app.get(
    '/api/live',
    {
      websocket: true,
      config: { access: 'see' },
      schema: { summary: 'Live state as a WebSocket: a snapshot, then changes, and a beat each second.', tags: ['live'] },
    },
    (socket, request) => {
      const person = personOf(request);
      const key = request.session?.key ?? '';
      if (feed.clients >= SCREENS_MAX) return socket.close(1013, 'too many screens');
      const leave = feed.join(socket, person);
      void audit
        .write(person.username, 'see-live', person.wards?.join(',') ?? 'all wards', 'ok')
        .catch((error: unknown) => app.log.error({ err: error }, 'audit not written'));
      let isAnswering = true;
      socket.on('pong', () => {
        isAnswering = true;
      });
      const check = async () => {
        if (!isAnswering) return socket.terminate();
        isAnswering = false;
        socket.ping();
        if (!(await accounts.isOpen(key))) socket.close(CLOSE_LOGGED_OUT, 'logged out');
      };
      const stop = clock.every(CHECK_MS, () => {
        check().catch((error: unknown) => {
          app.log.error({ err: error }, 'session not checked');
          socket.terminate();
        });
      });
      const end = () => {
        stop();
        leave();
      };
      socket.on('close', end);
      socket.on('error', end);
      return undefined;
    },
  );
}
