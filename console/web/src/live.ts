import { computed, ref, shallowReactive } from 'vue';
import type { Alarm } from '#contracts/alarms.ts';
import type { DoorState, FleetState, LiftState, Mission, Robot } from '#contracts/fleet.ts';
import type { ServiceStatus } from '#contracts/service.ts';
import type { DeviceStatus, Duty, EdgeStatus, Infusion, Occupancy, Order, Placement } from '#contracts/ward-state.ts';
import { call } from './api.ts';

/** The live state as the console sends it: a snapshot, then changes; a beat each second. */
interface Kinds {
  infusion: Infusion;
  order: Order;
  occupancy: Occupancy;
  duty: Duty;
  alarm: Alarm;
  mission: Mission;
  robot: Robot;
  fleetState: FleetState;
  liftState: LiftState;
  doorState: DoorState;
  service: ServiceStatus;
  edgeStatus: EdgeStatus;
  deviceStatus: DeviceStatus;
  placement: Placement;
}
type Kind = keyof Kinds;
type Change = [kind: Kind, key: string, value: Kinds[Kind] | null];
type Message = { type: 'snapshot' | 'delta'; at: number; bus: boolean; changes: Change[] } | { type: 'beat'; at: number; bus: boolean };

const table = <K extends Kind>(_: K) => shallowReactive(new Map<string, Kinds[K]>());
export const live = {
  infusion: table('infusion'),
  order: table('order'),
  occupancy: table('occupancy'),
  duty: table('duty'),
  alarm: table('alarm'),
  mission: table('mission'),
  robot: table('robot'),
  fleetState: table('fleetState'),
  liftState: table('liftState'),
  doorState: table('doorState'),
  service: table('service'),
  edgeStatus: table('edgeStatus'),
  deviceStatus: table('deviceStatus'),
  placement: table('placement'),
};

/** The server's time, once a second: a screen's own clock may be wrong. */
export const now = ref(Date.now());
/** Since when nothing has come from the console. */
export const silentSince = ref<number | undefined>(Date.now());
/** Since when the console itself has been cut off from the other services. */
export const busAwaySince = ref<number>();
export const hasSnapshot = ref(false);
/** Undefined: everything shown is live. Else since when it is not. */
export const deadSince = computed(() => silentSince.value ?? busAwaySince.value);
/** What is computed of infusions is no newer than this while `watch` is away. */
export const watchDownSince = computed(() => {
  const watch = live.service.get('watch');
  return watch?.state === 'down' ? watch.at : undefined;
});

/** A few beats missed: dead. With a check each half second a break shows within 4.5 s. */
const SILENT_MS = 3500;
const CLOSE_LOGGED_OUT = 4401;
let socket: WebSocket | undefined;
let heardAt = 0;
let offsetMs = 0;
let isWanted = false;
let retryMs = 500;
let onLoggedOut: () => void = () => undefined;

function apply(message: Message): void {
  heardAt = performance.now();
  offsetMs = message.at - Date.now();
  silentSince.value = undefined;
  busAwaySince.value = message.bus ? undefined : (busAwaySince.value ?? message.at);
  if (message.type === 'beat') return;
  const fresh = message.type === 'snapshot' ? new Set<string>() : undefined;
  for (const [kind, key, value] of message.changes) {
    const held = live[kind] as Map<string, Kinds[Kind]> | undefined;
    if (!held) continue;
    if (value === null) held.delete(key);
    else held.set(key, value);
    fresh?.add(`${kind} ${key}`);
  }
  if (!fresh) return;
  for (const [kind, held] of Object.entries(live)) for (const key of [...held.keys()]) if (!fresh.has(`${kind} ${key}`)) held.delete(key);
  hasSnapshot.value = true;
}

function open(): void {
  if (!isWanted) return;
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const next = new WebSocket(`${scheme}://${location.host}/api/live`);
  socket = next;
  heardAt = performance.now();
  let isWelcome = false;
  next.addEventListener('message', ({ data }) => {
    if (socket !== next) return;
    isWelcome = true;
    retryMs = 500;
    apply(JSON.parse(String(data)) as Message);
  });
  next.addEventListener('close', ({ code }) => {
    if (socket !== next) return;
    socket = undefined;
    silentSince.value ??= Date.now() + offsetMs;
    if (code === CLOSE_LOGGED_OUT) return onLoggedOut();
    // A refused handshake looks like any break: only a request tells whether the session has ended.
    if (!isWelcome) void call('GET', '/api/site').catch(() => undefined);
    setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, 4000);
  });
}

setInterval(() => {
  const serverNow = Date.now() + offsetMs;
  if (Math.floor(serverNow / 1000) !== Math.floor(now.value / 1000)) now.value = serverNow;
  const silentMs = performance.now() - heardAt;
  if (!isWanted || silentMs < SILENT_MS) return;
  silentSince.value ??= serverNow - silentMs;
  if (silentMs < SILENT_MS * 2 || !socket) return;
  // A half-open connection never closes by itself.
  const gone = socket;
  socket = undefined;
  gone.close();
  open();
}, 500);

export function startLive(whenLoggedOut: () => void): void {
  onLoggedOut = whenLoggedOut;
  if (isWanted) return;
  isWanted = true;
  silentSince.value = Date.now();
  open();
}

export function stopLive(): void {
  isWanted = false;
  socket?.close();
  socket = undefined;
  hasSnapshot.value = false;
  for (const held of Object.values(live)) held.clear();
}
