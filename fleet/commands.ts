import type { Mission } from '#contracts/fleet.ts';
import { milliseconds } from '#contracts/units.ts';
import { type Clock, sleep } from '#runtime/clock.ts';
import { type CommandHandlers, Refusal } from '#runtime/commands.ts';
import { notReached, setMode } from './dispatch/modes.ts';
import { noChanges } from './dispatch/world.ts';
import { planMission } from './domain/plan-mission.ts';
import type { Fleet } from './fleet.ts';
import { drawLayout } from './layout-drawing.ts';

const OPEN_MAX = 2000;
/** A stop is confirmed, or said not to be, within this. */
const STOP_MS = 1000;

/** What fleet does when asked. Everything is on disk before the answer. */
export function fleetCommands({ world, store, dispatcher, step }: Fleet, clock: Clock): CommandHandlers<'fleet'> {
  const mode = (state: 'moving' | 'stopped' | 'fire', by: string) => {
    setMode(world, state, by, clock.now());
    store.save(noChanges(), world.fleet);
    step();
  };
  return {
    sendRobot(args, { caller, person }) {
      const { key, kind, load, ward, bed, isUrgent = false, deadline } = args;
      const open = key === undefined ? undefined : store.missionByKey(key);
      if (open) return { mission: open.mission.mission };
      if (world.missions.size >= OPEN_MAX) throw new Refusal(`${OPEN_MAX} missions are open`, 'overloaded');
      const planned = planMission(args, world.site, world.graph);
      if (!planned.ok) throw new Refusal(planned.because);
      const now = clock.now();
      const mission: Mission = {
        schema: 'mission.v1',
        mission: world.newId(),
        kind,
        state: 'waiting',
        phases: planned.phases,
        ...(load === undefined ? {} : { load }),
        ...(ward === undefined ? {} : { ward }),
        ...(bed === undefined ? {} : { bed }),
        ...(planned.zone === undefined ? {} : { zone: planned.zone }),
        isUrgent,
        requestedBy: (person ?? caller).slice(0, 64),
        createdAt: now,
        ...(deadline === undefined ? {} : { deadline }),
        revision: 1,
        at: now,
        isClosed: false,
      };
      dispatcher.put({ mission, nodes: [], ...(key === undefined ? {} : { key }) });
      step();
      return { mission: mission.mission };
    },

    cancelMission({ mission: id }, { caller, person }) {
      const record = world.missions.get(id);
      if (!record) {
        const past = store.missionById(id);
        throw past ? new Refusal(`mission ${id} is ${past.mission.state} already`) : new Refusal(`there is no mission ${id}`, 'unknown');
      }
      if (record.cancel === undefined && record.ending === undefined)
        dispatcher.put({ ...record, cancel: `cancelled by ${person ?? caller}` });
      step();
      return {};
    },

    listMissions: ({ limit }) => ({ missions: store.latestMissions(limit) }),

    async stopAll({ because }, { caller, person }) {
      mode('stopped', because === undefined ? (person ?? caller) : `${person ?? caller}: ${because}`);
      for (let waited = 0; waited < STOP_MS && notReached(world.units.values()).length > 0; waited += 50) {
        await sleep(clock, milliseconds(50));
        step();
      }
      const missing = notReached(world.units.values());
      return { reached: [...world.units.keys()].filter((id) => !missing.includes(id)), notReached: missing };
    },

    resumeAll(_, { caller, person }) {
      mode('moving', person ?? caller);
      return {};
    },

    fire(_, { caller, person }) {
      mode('fire', person ?? caller);
      return {};
    },

    layout: () => drawLayout(world.graph, world.site),
  };
}
