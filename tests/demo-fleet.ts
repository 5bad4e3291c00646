import { milliseconds } from '#contracts/units.ts';
import { connectBus } from '#runtime/bus.ts';
import { type Clock, systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { loadSite } from '#runtime/site.ts';
import { facility, runFacility } from '#simulators/facility/facility.ts';
import { startRobots } from '#simulators/robots/start-robots.ts';
import { startTestBroker } from './broker-fixture.ts';
import { startTestFleet, type TestFleet, until } from './fleet-fixture.ts';

const demo = loadSite(new URL('../sites/demo/site.yaml', import.meta.url).pathname);
const layout = demo.layout!;
export const demoSite = structuredClone(demo.site);
delete demoSite.seed;

/** Robots drive so many times as fast as in life; lifts, doors and fleet keep real time. */
const HASTE = 8;
const hastyClock: Clock = {
  ...systemClock,
  elapsed: () => milliseconds(systemClock.elapsed() * HASTE),
  every: (period, run) => systemClock.every(milliseconds(period / 2), run),
};

/** The demo hospital's robots, lifts and doors on a real broker, and the fleet process. */
export async function openDemoFleet() {
  const stack = new AsyncDisposableStack();
  const log = silentLog();
  const broker = stack.use(await startTestBroker({ site: demoSite }));
  const building = facility(demoSite, layout, systemClock);
  const bus = stack.use(await connectBus(broker.busOf('facility.main'), { clock: systemClock, log }));
  stack.use(await runFacility(building, bus, log));
  stack.use(await startRobots(demoSite, layout, building, (user) => broker.busOf(user), { clock: hastyClock, log }));
  const fleet = stack.use(await startTestFleet(broker, layout));
  await fleet.start();
  const watch = stack.use(await connectBus(broker.busOf('service.watch'), { clock: systemClock, log }));
  await until(() => fleet.robots.size === 6 && [...fleet.robots.values()].every((r) => r.connection === 'online' && r.node), said(fleet));
  return { building, fleet, watch, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

export const latest = (fleet: TestFleet, mission: string) => fleet.missions.findLast((m) => m.mission === mission);

/** What robots and missions last said, for a test that waits in vain. */
export const said = (fleet: TestFleet) => () =>
  `${fleet.missions
    .slice(-4)
    .map((m) => `${m.kind} ${m.state}: ${m.because ?? m.phases.map((p) => p.state).join(' ')}`)
    .join('; ')} | ${[...fleet.robots.values()].map((r) => `${r.robot} at ${r.node}: ${r.waitsFor ?? 'goes'}`).join('; ')}`;

export const isClosed = (fleet: TestFleet, mission: string) => () => latest(fleet, mission)?.isClosed === true;
