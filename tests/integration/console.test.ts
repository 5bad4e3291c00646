import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { instant } from '#contracts/units.ts';
import { type ConsoleHouse, openConsoleHouse, PASSWORD } from '#tests/e2e/console-house.ts';
import { alarmOf, infusionOf, sayScene } from '#tests/e2e/console-scene.ts';

type Message = { type: 'snapshot' | 'delta' | 'beat'; at: number; bus: boolean; changes?: [kind: string, key: string, value: unknown][] };

describe('console over a real broker', () => {
  let house: ConsoleHouse;
  const cookies = new Map<string, string>();

  before(async () => {
    house = await openConsoleHouse();
    await sayScene(house.bus, house.bus.clock.now(), []);
    for (const username of ['nurse', 'charge', 'logistics', 'command', 'engineer', 'admin']) cookies.set(username, await login(username));
  });
  after(() => house[Symbol.asyncDispose]());

  async function login(username: string): Promise<string> {
    const response = await call('POST', '/api/login', { body: { username, password: PASSWORD } });
    assert.equal(response.status, 200);
    const set = response.headers.get('set-cookie') ?? '';
    assert.match(set, /HttpOnly/);
    assert.match(set, /SameSite=Strict/);
    return set.split(';')[0] as string;
  }
  const call = (method: string, path: string, given: { as?: string; body?: unknown; headers?: Record<string, string> } = {}) =>
    fetch(house.url + path, {
      method,
      headers: {
        ...(given.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(given.as === undefined ? {} : { cookie: cookies.get(given.as) as string }),
        ...given.headers,
      },
      ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
    });
  const problemOf = async (response: Response) => {
    assert.match(response.headers.get('content-type') ?? '', /application\/problem\+json/);
    return (await response.json()) as { code: string; detail?: string; status: number };
  };

  /** Opens a screen and gathers what it is told. */
  async function watch(as: string) {
    const socket = new WebSocket(`${house.url.replace('http', 'ws')}/api/live`, { headers: { cookie: cookies.get(as) as string } });
    const messages: (Message & { heardAt: number })[] = [];
    const waiting: (() => void)[] = [];
    socket.on('message', (text) => {
      messages.push({ ...(JSON.parse(String(text)) as Message), heardAt: performance.now() });
      for (const wake of waiting.splice(0)) wake();
    });
    const until = async <T>(find: (messages: readonly (Message & { heardAt: number })[]) => T | undefined): Promise<T> => {
      const deadline = AbortSignal.timeout(15_000);
      for (;;) {
        const found = find(messages);
        if (found !== undefined) return found;
        await new Promise<void>((resolve, reject) => {
          waiting.push(resolve);
          deadline.addEventListener('abort', () => reject(new Error('not told within 15 s')), { once: true });
        });
      }
    };
    const snapshot = await until((all) => all.find((message) => message.type === 'snapshot'));
    return { socket, messages, until, snapshot, [Symbol.dispose]: () => socket.terminate() };
  }
  const has = (message: Message, kind: string, test: (value: Record<string, unknown>) => boolean) =>
    message.changes?.some(([k, , value]) => k === kind && value !== null && test(value as Record<string, unknown>)) ?? false;

  it('lets nobody in without a login, and says so as a problem', async () => {
    for (const path of ['/api/me', '/api/site', '/api/alarms/log', '/api/people', '/flows/']) {
      const response = await call('GET', path);
      assert.equal(response.status, 401, path);
      assert.equal((await problemOf(response)).code, 'not_logged_in');
    }
    const wrong = await call('POST', '/api/login', { body: { username: 'nurse', password: 'wrong' } });
    assert.equal(wrong.status, 401);
    const unknown = await call('POST', '/api/login', { body: { username: 'nobody', password: 'wrong' } });
    assert.deepEqual(await problemOf(unknown), await problemOf(wrong));
  });

  it('slows down guessing one name without locking out another', async () => {
    const tries = await Promise.all(
      Array.from({ length: 14 }, () => call('POST', '/api/login', { body: { username: 'guessed', password: 'x' } })),
    );
    assert.ok(tries.some((response) => response.status === 429));
    await login('nurse');
  });

  it('refuses writes from another site', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }] as Record<
      string,
      string
    >[]) {
      const response = await call('POST', '/api/fleet/stop', { as: 'nurse', body: {}, headers });
      assert.equal(response.status, 403);
      assert.equal((await problemOf(response)).code, 'foreign_origin');
    }
  });

  it('sends headers that keep foreign script out', async () => {
    const { headers } = await call('GET', '/api/me', { as: 'nurse' });
    assert.match(headers.get('content-security-policy') ?? '', /script-src 'self'(;|$)/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  });

  it('shows a nurse only her ward', async () => {
    const site = (await (await call('GET', '/api/site', { as: 'nurse' })).json()) as { wards: { id: string }[] };
    assert.deepEqual(
      site.wards.map((ward) => ward.id),
      ['w1'],
    );
    using screen = await watch('nurse');
    assert.ok(has(screen.snapshot, 'infusion', ({ ward }) => ward === 'w1'));
    assert.ok(!has(screen.snapshot, 'infusion', ({ ward }) => ward === 'w2'));
    assert.ok(!has(screen.snapshot, 'alarm', ({ ward }) => ward === 'house'));
    assert.ok(has(screen.snapshot, 'robot', ({ robot }) => robot === 'd01'));
    const orders = await call('GET', '/api/wards/w2/beds/01/orders', { as: 'nurse' });
    assert.equal(orders.status, 403);
  });

  it('tells an alarm within 250 ms, an infusion within a second', async () => {
    using screen = await watch('nurse');
    const now = house.bus.clock.now();
    const raised = alarmOf(now, 'free_flow', { ward: 'w1', subject: '09.1', bed: '09', line: '1' }, { sinceMs: 0 });
    const startAlarm = performance.now();
    await house.bus.publish('alarm', { ward: 'w1', alarm: raised.alarm }, raised);
    const told = await screen.until((all) =>
      all.find((message) => message.type === 'delta' && has(message, 'alarm', ({ alarm }) => alarm === raised.alarm)),
    );
    assert.ok(told.heardAt - startAlarm < 250, `alarm took ${told.heardAt - startAlarm} ms`);
    await house.bus.retract('alarm', { ward: 'w1', alarm: raised.alarm });
    await screen.until((all) =>
      all.find(({ changes }) => changes?.some(([kind, key, value]) => kind === 'alarm' && key === `w1/${raised.alarm}` && value === null)),
    );

    const start = performance.now();
    await house.bus.publish('infusion', { ward: 'w1', bed: '01', line: '1' }, infusionOf(now, 'w1', '01', '1', { remaining: 399 }));
    const drip = await screen.until((all) =>
      all.find((message) => message.type === 'delta' && has(message, 'infusion', ({ remainingMl }) => remainingMl === 399)),
    );
    assert.ok(drip.heardAt - start < 1000, `infusion took ${drip.heardAt - start} ms`);
  });

  it('beats each second and says when the bus is away; what was withdrawn meanwhile disappears', async () => {
    using screen = await watch('command');
    const key = 'house/mission_stuck-house-m-3';
    assert.ok(screen.snapshot.changes?.some(([kind, k]) => kind === 'alarm' && k === key));
    house.setBrokerAway(true);
    await screen.until((all) => all.find((message) => message.type === 'beat' && !message.bus));
    await house.bus.retract('alarm', { ward: 'house', alarm: 'mission_stuck-house-m-3' });
    house.setBrokerAway(false);
    await screen.until((all) => all.findLast((message) => message.bus && message.type === 'beat'));
    await screen.until((all) =>
      all.find(({ changes }) => changes?.some(([kind, k, value]) => kind === 'alarm' && k === key && value === null)),
    );
    assert.ok(screen.messages.filter((message) => message.type === 'beat').length >= 1);
  });

  it('passes commands on with the name of the person, and refuses who may not', async () => {
    const alarm = { alarm: 'empty-w1-08.1', occurrence: 1 };
    assert.equal((await call('POST', '/api/alarms/acknowledge', { as: 'nurse', body: alarm })).status, 200);
    assert.deepEqual(house.asked.at(-1), { command: 'acknowledge', person: 'nurse', args: alarm });
    for (const as of ['logistics', 'engineer', 'command', 'admin'])
      assert.equal((await call('POST', '/api/alarms/acknowledge', { as, body: alarm })).status, 403, as);
    const foreign = await call('POST', '/api/alarms/acknowledge', { as: 'nurse', body: { alarm: 'rate_low-w2-04.1', occurrence: 1 } });
    assert.equal(foreign.status, 404);

    assert.equal((await call('POST', '/api/missions', { as: 'engineer', body: { kind: 'delivery', to: 'bed-w1-02' } })).status, 403);
    const sent = await call('POST', '/api/missions', {
      as: 'nurse',
      body: { kind: 'delivery', from: 'pharmacy', to: 'bed-w1-02', ward: 'w1', bed: '02' },
    });
    assert.deepEqual(await sent.json(), { mission: 'm-9' });
    assert.equal((await call('POST', '/api/fleet/stop', { as: 'engineer', body: {} })).status, 200);
    assert.equal((await call('POST', '/api/fleet/resume', { as: 'nurse', body: {} })).status, 403);
    assert.equal((await call('POST', '/api/missions/cancel', { as: 'nurse', body: { mission: 'm-1' } })).status, 403);
    assert.equal((await call('POST', '/api/missions/cancel', { as: 'logistics', body: { mission: 'm-1' } })).status, 200);
    assert.equal((await call('POST', '/api/records/discharge', { as: 'nurse', body: { ward: 'w2', bed: '01' } })).status, 403);
    assert.equal((await call('POST', '/api/records/discharge', { as: 'nurse', body: { ward: 'w1', bed: '01' } })).status, 200);
  });

  it('names the field, the value and what is allowed when input is wrong', async () => {
    const response = await call('POST', '/api/missions', { as: 'nurse', body: { kind: 'fly' } });
    assert.equal(response.status, 400);
    assert.equal((await problemOf(response)).detail, 'kind: "fly": must be one of delivery, disinfection');
    assert.equal((await call('GET', '/api/trends?measurement=infusion', { as: 'nurse' })).status, 400);
  });

  it('draws trends of the own ward only', async () => {
    const now = instant(house.bus.clock.now());
    const query = `measurement=infusion&field=remainingMl&bed=01&line=1&from=${now - 3_600_000}&until=${now}`;
    const response = await call('GET', `/api/trends?ward=w1&${query}`, { as: 'nurse' });
    assert.equal(response.status, 200);
    assert.equal(((await response.json()) as { points: unknown[] }).points.length, 120);
    assert.equal((await call('GET', `/api/trends?ward=w2&${query}`, { as: 'nurse' })).status, 403);
    assert.equal((await call('GET', `/api/trends?${query}`, { as: 'nurse' })).status, 403);
  });

  it('ends sessions: logout, another password, a disabled person', async () => {
    const extra = { username: 'temp', displayName: 'Temp', roles: ['nurse'], wards: ['w1'], password: PASSWORD };
    assert.equal((await call('POST', '/api/people', { as: 'nurse', body: extra })).status, 403);
    assert.equal((await call('POST', '/api/people', { as: 'admin', body: extra })).status, 201);
    cookies.set('temp', await login('temp'));
    assert.equal((await call('GET', '/api/me', { as: 'temp' })).status, 200);
    assert.equal((await call('PATCH', '/api/people/temp', { as: 'admin', body: { isDisabled: true } })).status, 204);
    assert.equal((await call('GET', '/api/me', { as: 'temp' })).status, 401);
    cookies.set('again', await login('nurse'));
    assert.equal((await call('POST', '/api/logout', { as: 'again' })).status, 204);
    assert.equal((await call('GET', '/api/me', { as: 'again' })).status, 401);
  });

  it('audits who saw and did what', async () => {
    const { entries } = (await (await call('GET', '/api/audit', { as: 'engineer' })).json()) as {
      entries: { person: string; action: string }[];
    };
    for (const action of ['login', 'acknowledge', 'see-trend', 'see-live', 'discharge'])
      assert.ok(
        entries.some((entry) => entry.person === 'nurse' && entry.action === action),
        action,
      );
    assert.equal((await call('GET', '/api/audit', { as: 'nurse' })).status, 403);
  });

  it('describes itself as OpenAPI 3.1', async () => {
    const description = (await (await call('GET', '/api/openapi.json')).json()) as { openapi: string; paths: Record<string, unknown> };
    assert.equal(description.openapi, '3.1.0');
    for (const path of ['/api/login', '/api/alarms/acknowledge', '/api/missions', '/api/trends', '/api/people'])
      assert.ok(description.paths[path], path);
  });
});
