import { userNameOf } from '#contracts/access.ts';
import type { Site } from '#contracts/site.ts';
import type { Clock } from '#runtime/clock.ts';
import type { LayoutFile } from '#runtime/layout.ts';
import type { Log } from '#runtime/log.ts';
import { random } from '#simulators/random.ts';
import { type RobotLink, startRobot } from './robot.ts';
import { vehicle } from './vehicle.ts';

type Surroundings = { canPass(from: string, to: string): boolean };

/** Every VDA 5050 robot of a site, at its home, on the broker with credentials of its own. */
export async function startRobots(
  site: Site,
  layout: LayoutFile | undefined,
  surroundings: Surroundings,
  linkOf: (user: string) => RobotLink,
  shell: { clock: Clock; log: Log },
): Promise<AsyncDisposable> {
  const places = new Map(
    (layout?.layouts ?? []).flatMap((floor) =>
      floor.nodes.map(
        ({ nodeId, mapId, nodePosition }) => [nodeId, { ...nodePosition, mapId: mapId ?? floor.layoutLevelId ?? floor.layoutId }] as const,
      ),
    ),
  );
  const chargers = new Set(site.chargers ?? []);
  const robots = new AsyncDisposableStack();
  await Promise.all(
    (site.robots ?? []).map(async (spec) => {
      const place = places.get(spec.home);
      if (!place) throw new RangeError(`robot ${spec.id}: no node ${spec.home}`);
      const r = random(`robot ${spec.id}`);
      const body = vehicle({
        home: { nodeId: spec.home, ...place, theta: 0 },
        batteryPercent: r.between(60, 98),
        isCharger: (node) => chargers.has(node),
        placeOf: (node) => places.get(node),
        canPass: (from, to) => surroundings.canPass(from, to),
      });
      robots.use(await startRobot(spec, body, linkOf(userNameOf('robot', spec.id)), shell));
    }),
  );
  return robots;
}
