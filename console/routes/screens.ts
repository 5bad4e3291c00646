import { existsSync } from 'node:fs';
import { join } from 'node:path';
import serveStatic from '@fastify/static';
import { Type } from 'typebox';
import { strict } from '#contracts/schema.ts';
import type { App } from '../app.ts';
import { sendProblem } from '../problems.ts';

/** The built web console. Every path that is not the API's is a screen: the page itself finds out which. */
export async function screenRoutes(app: App, webRoot: string): Promise<void> {
  const isBuilt = existsSync(join(webRoot, 'index.html'));
  await app.register(serveStatic, { root: webRoot, serve: false, cacheControl: false });
  app.get(
    '/assets/:file',
    { config: { access: 'anybody' }, schema: { hide: true, params: strict({ file: Type.String({ pattern: '^[\\w.-]+$' }) }) } },
    // The name holds a hash of the content.
    (request, reply) => reply.header('cache-control', 'public, max-age=31536000, immutable').sendFile(`assets/${request.params.file}`),
  );
  app.get('/favicon.svg', { config: { access: 'anybody' }, schema: { hide: true } }, (_, reply) => reply.sendFile('favicon.svg'));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] as string;
    const isScreen = request.method === 'GET' && !/^\/(api|flows|assets)(\/|$)/.test(path) && !/\.[a-z0-9]+$/.test(path);
    if (!isScreen) return sendProblem(reply, 404, 'not_found', `There is nothing at ${request.method} ${path.slice(0, 200)}.`);
    if (!isBuilt) return sendProblem(reply, 503, 'not_built', 'The web console is not built: run `node tools/build-web.ts`.');
    return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').sendFile('index.html');
  });
}
