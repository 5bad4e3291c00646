import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { OperationalError } from '#runtime/errors.ts';
import { fetchPicture } from './http.ts';

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/picture.jpg`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const deadline = (ms = 5000) => AbortSignal.timeout(ms);

test('a picture comes whole', async () => {
  await using server = await serve((_, response) =>
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end(Buffer.from([0xff, 0xd8, 1, 2])),
  );
  assert.deepEqual([...(await fetchPicture(server.url, deadline()))], [0xff, 0xd8, 1, 2]);
});

const refusals: [string, RequestListener, RegExp][] = [
  [
    'a page in place of a picture',
    (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>login</p>'),
    /text\/html in place of image\/jpeg/,
  ],
  ['an error status', (_, response) => response.writeHead(503, { 'content-type': 'image/jpeg' }).end('x'), /HTTP status 503/],
  ['a redirection', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(), /redirect/],
  [
    'a picture without end',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' });
      const more = () => {
        while (response.write(Buffer.alloc(65_536)));
        response.once('drain', more);
      };
      more();
    },
    /more than 4194304 bytes/,
  ],
  [
    'a connection that breaks within the picture',
    (_, response) =>
      void response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': 100 }).write('x', () => response.destroy()),
    /./,
  ],
];
for (const [name, listener, because] of refusals)
  test(`${name} is refused`, async () => {
    await using server = await serve(listener);
    await assert.rejects(
      fetchPicture(server.url, deadline()),
      (error: unknown) => error instanceof OperationalError && because.test(error.message),
    );
  });

test('a camera that does not answer costs no more than the deadline', async () => {
  await using server = await serve(() => undefined);
  const startedAt = performance.now();
  await assert.rejects(fetchPicture(server.url, deadline(200)), OperationalError);
  assert.ok(performance.now() - startedAt < 2000);
});
