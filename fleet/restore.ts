import type { Instant } from '#contracts/units.ts';
import type { Log } from '#runtime/log.ts';
import { keep, noChanges, type World } from './dispatch/world.ts';
import { close, giveBack, isLoaded, type MissionRecord } from './domain/mission.ts';
import type { FleetStore } from './store.ts';

/** Takes up what was on disk: open missions, each robot's last place and order. Orders go out again as they were; a vehicle that has them already ignores that. */
export function restore(world: World, store: FleetStore, now: Instant, log: Log): void {
  store.forgetOld(now);
  const changes = noChanges();
  const kept = store.units();
  for (const unit of world.units.values()) {
    const { node, leg, passed = 0 } = kept.get(unit.id) ?? {};
    if (node !== undefined && world.graph.nodes.has(node)) unit.node = node;
    if (!leg) continue;
    // A layout that was changed meanwhile may not know the way any more: then the robot is called back from it.
    const isKnown = leg.steps
      .slice(1, leg.released)
      .every((step) => world.graph.nodes.has(step.node) && world.graph.edges.has(step.edge ?? ''));
    unit.leg = isKnown ? leg : { ...leg, isCancelled: true };
    unit.passed = passed;
    unit.adapter.follow(unit.leg);
    if (unit.leg.isCancelled) unit.adapter.cancel();
  }
  for (const record of store.openMissions()) {
    world.missions.set(record.mission.mission, record);
    const unfit = whyUnfit(world, record);
    if (unfit === undefined) {
      const unit = world.units.get(record.mission.robot ?? '');
      if (unit) unit.mission = record.mission.mission;
    } else keep(world, changes, isLoaded(record) ? close(record, 'failed', unfit, now) : giveBack(record, unfit, now));
  }
  if (changes.missions.size > 0) store.save(changes);
  if (world.missions.size > 0) log.info({ missions: world.missions.size }, 'missions resumed');
}

function whyUnfit(world: World, { mission, nodes }: MissionRecord): string | undefined {
  if (mission.state === 'waiting') return undefined;
  if (!world.units.has(mission.robot ?? '')) return `robot ${mission.robot} is no longer in the site file`;
  const gone = nodes.find((node) => !world.graph.nodes.has(node));
  return gone === undefined ? undefined : `node ${gone} is no longer in the layout`;
}
