import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Aedes } from 'aedes';
import { milliseconds } from '#contracts/units.ts';
import { connectBus } from '#runtime/bus.ts';
import { sleep, systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { openMirror } from './mirror.ts';

/** A broker with two doors, one of which can be shut. */
describe('mirror of the retained state', () => {
  let broker: Aedes;
  const doors: Server[] = [];
  const sockets = new Set<Socket>();
  let isShut = false;

  before(async () => {
    broker = await Aedes.createBroker();
    for (const isGuarded of [false, true]) {
      const door = createServer((socket) => {
        if (isGuarded && isShut) return socket.destroy();
        if (isGuarded) sockets.add(socket);
        return broker.handle(socket);
      });
      await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
      doors.push(door);
    }
  });
  after(async () => {
    await new Promise<void>((resolve) => broker.close(resolve));
    for (const door of doors) door.close();
  });
  const connect = (door: number, user: string) => {
    const url = `mqtt://127.0.0.1:${(doors[door]!.address() as AddressInfo).port}`;
    return connectBus({ url, site: 'test', user, secret: 'x'.repeat(16), isDurable: false }, { clock: systemClock, log: silentLog() });
  };
  const eventually = async (what: string, test: () => boolean) => {
    for (let waited = 0; !test(); waited += 50) {
      assert.ok(waited < 10_000, `${what} within 10 s`);
      await sleep(systemClock, milliseconds(50));
    }
  };

  it('holds what is said, drops what is withdrawn, also what was withdrawn while its connection was away', async () => {
    await using others = await connect(0, 'others');
    await using bus = await connect(1, 'console');
    const say = (service: 'watch' | 'fleet' | 'alarms') =>
      others.publish('service', { service }, { schema: 'service.v1', service, state: 'up', at: systemClock.now() });
    await say('watch');
    await say('fleet');
    await using mirror = await openMirror(bus, systemClock);
    const changes: string[] = [];
    mirror.onChange(({ key, entry }) => changes.push(`${key} ${entry ? 'said' : 'gone'}`));
    await eventually('what was retained comes', () => mirror.all('service').length === 2);
    await others.retract('service', { service: 'fleet' });
    await eventually('what is withdrawn goes', () => mirror.get('service', 'fleet') === undefined);
    assert.ok(changes.includes('fleet gone'));

    isShut = true;
    for (const socket of sockets) socket.destroy();
    await eventually('the connection breaks', () => !bus.isConnected);
    await others.retract('service', { service: 'watch' });
    await say('alarms');
    isShut = false;
    await eventually('what was withdrawn meanwhile goes', () => mirror.get('service', 'watch') === undefined);
    assert.ok(changes.includes('watch gone'));
    assert.equal(mirror.get('service', 'alarms')?.json.startsWith('["service","alarms",{'), true);
  });
});
