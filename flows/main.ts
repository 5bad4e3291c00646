import { once } from 'node:events';
import { join } from 'node:path';
import RED from 'node-red';
import { milliseconds } from '#contracts/units.ts';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { openRequester } from '#runtime/commands.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { serveMetrics } from '#runtime/metrics.ts';
import { announceService } from '#runtime/service.ts';
import { loadHouse } from '#runtime/settings.ts';
import { below, openEditorDoor } from './editor-door.ts';
import type { FlowsHouse } from './flows-house.ts';
import { ADMIN_ROOT, nodeRedSettings } from './node-red-settings.ts';
import { openProjectHistory, seedProject } from './project-history.ts';
import { secretIn } from './secrets.ts';
import { openSentOnce } from './sent-once.ts';
import { openWardFeed } from './ward-feed.ts';

const KEEP_AFTER_MS = milliseconds(1500);

await runProcess(async () => {
  const stop = stopOnSignals();
  const house = loadHouse();
  const log = openLog('flows');
  const clock = systemClock;
  const project = house.path('flows', 'project');
  seedProject(project, join(import.meta.dirname, 'project', 'flows.json'));
  const history = openProjectHistory(project, log);
  let deployedBy = 'wardline';

  using sentOnce = openSentOnce(house.path('flows', 'sent.sqlite'));
  await using door = await openEditorDoor(house.settings.flows, secretIn(house.path('flows', 'proxy-token')));
  await using bus = await connectBus(house.serviceBus('flows', { isDurable: true }), { log, clock });
  await using _metrics = serveMetrics(house.settings.dataDir, 'flows');
  await using quick = await connectBus(house.busOf(bus.user, { isDurable: false, connectionName: 'quick' }), { log, clock });
  const requester = await openRequester(bus);
  const { feed, subscribed } = openWardFeed(bus, quick);
  const wardline: FlowsHouse = { site: house.site.site, feed, sentOnce, clock, request: requester.request };

  const settings = nodeRedSettings({
    userDir: house.path('flows'),
    credentialSecret: secretIn(house.path('flows', 'credential-secret')),
    door,
    wardline,
    log,
    onDeploy(user) {
      deployedBy = user;
    },
  });
  RED.init(door.inner, settings);
  // Every node of ours listens for the start of the flows.
  RED.events.setMaxListeners(10_000);
  // Every start of the flows follows a start of the process or a deploy; what was deployed lies on disk by then. It is kept a little later: to be back after a crash comes first.
  RED.events.on('flows:started', () => void clock.after(KEEP_AFTER_MS, () => void history.keep(deployedBy)));
  const started = once(RED.events, 'flows:started');
  await RED.start();
  await started;
  door.serve(below(ADMIN_ROOT, RED.httpAdmin));
  feed.begin();
  await subscribed;

  announceService(bus, 'flows', log);
  announceReady();
  await stop.requested;
  await RED.stop();
});
