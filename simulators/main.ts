import { userNameOf } from '#contracts/access.ts';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { loadHouse } from '#runtime/settings.ts';
import { levelPictures } from './devices/level-picture.ts';
import { serveShared } from './devices/serve.ts';
import { facility, runFacility } from './facility/facility.ts';
import { hospital, live } from './hospital.ts';
import { readRecords } from './records.ts';
import { startRobots } from './robots/start-robots.ts';
import { openStageDoor } from './stage-door.ts';
import { cameraAddress, sharedPaths } from './wires.ts';

const SEED = 4711;

await runProcess(async () => {
  const stop = stopOnSignals();
  const house = loadHouse();
  const log = openLog('simulators');
  const clock = systemClock;
  const { site, layout } = house.site;

  const simulated = hospital(house.site, readRecords(house.site), {
    seed: SEED,
    clock,
    timeFactor: house.settings.timeFactor,
    pictures: levelPictures(),
  });
  const building = facility(site, layout, clock);
  using _life = live(simulated, clock);

  await using wires = new AsyncDisposableStack();
  for (const path of sharedPaths(site)) wires.use(await serveShared(house.path(path), (id) => simulated.devices.get(id)));
  const cameras = cameraAddress(site);
  if (cameras) wires.use(await openStageDoor({ hospital: simulated, facility: building, now: clock.now }, cameras));

  await using bus = await connectBus(house.busOf(userNameOf('facility', 'main'), { isDurable: false }), { log, clock });
  using _facility = await runFacility(building, bus, log);
  await using _robots = await startRobots(site, layout, building, (user) => house.busOf(user, { isDurable: false }), { clock, log });

  log.info({ lines: simulated.lines.size, devices: simulated.devices.size, robots: site.robots?.length ?? 0 }, 'simulated hospital runs');
  announceReady();
  await stop.requested;
});
