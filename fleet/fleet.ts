import { milliseconds } from '#contracts/units.ts';
import type { Bus } from '#runtime/bus.ts';
import { asError } from '#runtime/errors.ts';
import type { LayoutFile } from '#runtime/layout.ts';
import type { Log } from '#runtime/log.ts';
import type { LoadedSite } from '#runtime/site.ts';
import { adapterOf } from './adapters/adapters.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { newUnit, type Unit, type World } from './dispatch/world.ts';
import { importLif } from './map/import-lif.ts';
import { restore } from './restore.ts';
import type { FleetStore } from './store.ts';
import { Teller } from './teller.ts';

/** Steps come with every word from outside, and at least this often. */
const TICK = milliseconds(250);
/** Words that come together are answered together. */
const GATHER = milliseconds(40);

export interface Fleet extends Disposable {
  readonly world: World;
  readonly dispatcher: Dispatcher;
  readonly store: FleetStore;
  /** Decides now. */
  readonly step: () => void;
}

export interface FleetOptions {
  readonly loaded: LoadedSite;
  readonly store: FleetStore;
  readonly bus: Bus;
  readonly log: Log;
  readonly newId: () => string;
}

const NO_LAYOUT: LayoutFile = { metaInformation: { projectIdentification: 'none', lifVersion: '1.0.0' }, layouts: [] as never };

/** Brings the fleet back as it was left, joins it to the bus and keeps it going. */
export async function openFleet({ loaded, store, bus, log, newId }: FleetOptions): Promise<Fleet> {
  const { site, layout = NO_LAYOUT } = loaded;
  const { graph, unused } = importLif(layout, site);
  for (const what of unused) log.warn({ what }, 'not used of the layout');

  let isDue = false;
  let step: () => void = () => undefined;
  const stepSoon = () => {
    if (isDue) return;
    isDue = true;
    bus.clock.after(GATHER, () => step());
  };
  const units = new Map<string, Unit>();
  for (const robot of site.robots ?? []) {
    const takeHeaderBlock = (topic: string) => store.takeHeaderBlock(robot.id, topic);
    const adapter = await adapterOf(robot)({ robot, bus, log, newId, takeHeaderBlock, onChange: stepSoon });
    units.set(robot.id, newUnit(robot, adapter, bus.clock.now()));
  }
  const world: World = {
    graph,
    site,
    units,
    missions: new Map(),
    lifts: new Map(),
    doors: new Map(),
    tags: new Map(),
    beds: new Map(),
    presence: new Map(),
    fleet: store.mode() ?? { state: 'moving', since: bus.clock.now() },
    newId,
  };
  restore(world, store, bus.clock.now(), log);
  await listen(bus, world, stepSoon);

  const ask = (sending: Promise<void>) =>
    sending.catch((error: unknown) => log.warn({ reason: asError(error).message }, 'request not sent'));
  const dispatcher = new Dispatcher({
    world,
    save: (changes) => store.save(changes),
    askLift: (wish) =>
      void ask(bus.publish('liftRequest', { lift: wish.lift }, { schema: 'lift-request.v1', ...wish, at: bus.clock.now() })),
    askDoor: (wish) =>
      void ask(bus.publish('doorRequest', { door: wish.door }, { schema: 'door-request.v1', ...wish, at: bus.clock.now() })),
  });
  const teller = new Teller(bus, world, store, log);
  await teller.begin();
  step = () => {
    isDue = false;
    const now = bus.clock.now();
    for (const record of dispatcher.step(now).missions) teller.mission(record);
    teller.tell(dispatcher, now);
  };
  const stopTicking = bus.clock.every(TICK, () => {
    const now = bus.clock.now();
    for (const unit of units.values()) unit.adapter.tick(now);
    step();
  });
  return { world, dispatcher, store, step, [Symbol.dispose]: stopTicking };
}

/** Takes in what others say: lifts, doors, and who may be in a room. */
async function listen(bus: Bus, world: World, onWord: () => void): Promise<void> {
  const isDisinfecting = () => [...world.missions.values()].some(({ mission }) => mission.kind === 'disinfection');
  const keepIn =
    <T>(map: Map<string, T>, name: (message: T) => string, isUrgent: () => boolean) =>
    (message: T | undefined, { params }: { params: Record<string, string> }) => {
      if (message === undefined) map.delete(Object.values(params).join('/'));
      else map.set(name(message), message);
      if (isUrgent()) onWord();
    };
  await bus.subscribe(
    'liftState',
    {},
    keepIn(
      world.lifts,
      (m) => m.lift,
      () => true,
    ),
  );
  await bus.subscribe(
    'doorState',
    {},
    keepIn(
      world.doors,
      (m) => m.door,
      () => true,
    ),
  );
  await bus.subscribe(
    'location',
    {},
    keepIn(world.tags, (m) => m.tag, isDisinfecting),
  );
  await bus.subscribe(
    'occupancy',
    {},
    keepIn(world.beds, (m) => `${m.ward}/${m.bed}`, isDisinfecting),
  );
  await bus.subscribe(
    'presence',
    {},
    keepIn(world.presence, (m) => m.zone, isDisinfecting),
  );
}
