import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { instant } from '#contracts/units.ts';
import type { Facility } from './facility/facility.ts';
import type { Hospital } from './hospital.ts';

/**
 * The simulated hospital over HTTP, loopback only: the cameras' pictures (`GET /camera/<id>.jpg`), and a hand for demos and tests, which does what people on
 * a ward do (`POST /hand/…`).
 */
const HANDS = [
  'POST /hand/line/{ward}/{bed}/{line}/{stall|free_flow|occlusion|take_away}?seconds=N',
  'POST /hand/line/{ward}/{bed}/{line}/drain?ml=N',
  'POST /hand/person/{tag}/{zone}',
  'POST /hand/wander/{ward}?seconds=N',
  'POST /hand/door/{door}/open',
  'POST /hand/lift/{lift}/{automatic|fire|out_of_service}',
];
const SECONDS_MAX = 86_400;

export interface StageDoor extends AsyncDisposable {
  readonly port: number;
}

type World = { readonly hospital: Hospital; readonly facility: Facility; readonly now: () => number };

export async function openStageDoor(world: World, where: { readonly host: string; readonly port: number }): Promise<StageDoor> {
  const server = createServer((request, response) => answer(world, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.port, where.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function answer(world: World, request: IncomingMessage, response: ServerResponse): void {
  const say = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = url.pathname.split('/').slice(1).map(decodeURIComponent);
  if (request.method === 'GET' && path[0] === 'camera') {
    const picture = world.hospital.picture((path[1] ?? '').replace(/\.jpg$/, ''));
    if (picture) {
      response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': picture.length, 'cache-control': 'no-store' });
      response.end(picture);
    } else say(404, { because: 'no such camera' });
  } else if (request.method === 'POST' && path[0] === 'hand') {
    const because = lendHand(world, path.slice(1), url.searchParams);
    if (because === undefined) say(200, { ok: true });
    else say(404, { because });
  } else say(404, { because: 'nothing here', hands: HANDS });
}

/** Does it, or says why not. */
function lendHand({ hospital, facility, now }: World, [what, ...names]: readonly string[], query: URLSearchParams): string | undefined {
  const ms = Math.min(SECONDS_MAX, Math.max(1, Number(query.get('seconds')) || 60)) * 1000;
  const at = instant(now());
  if (what === 'line') {
    const line = hospital.lines.get(names.slice(0, 3).join('/'));
    const deed = names[3];
    if (!line) return `no line ${names.slice(0, 3).join('/')}`;
    if (deed === 'stall' || deed === 'free_flow' || deed === 'occlusion') line.begin(deed, ms);
    else if (deed === 'take_away') line.takeAway(ms);
    else if (deed === 'drain') line.drainTo(Math.max(0, Number(query.get('ml')) || 0));
    else return `no deed ${deed}`;
    return undefined;
  }
  if (what === 'person') return hospital.crowd.send(names[0] ?? '', names[1] ?? '') ? undefined : 'no such tag or zone';
  if (what === 'wander') return hospital.crowd.wander(names[0] ?? '', ms) === undefined ? 'nobody in that ward can go' : undefined;
  if (what === 'door') {
    const door = facility.doors.get(names[0] ?? '');
    door?.openByHand(at);
    return door ? undefined : `no door ${names[0]}`;
  }
  if (what === 'lift') {
    const lift = facility.lifts.get(names[0] ?? '');
    const mode = (['automatic', 'fire', 'out_of_service'] as const).find((m) => m === names[1]);
    if (!lift || !mode) return 'no such lift or mode';
    lift.setMode(mode, at);
    return undefined;
  }
  return `no hand for ${what}`;
}
