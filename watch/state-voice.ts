import type { Infusion, Location, Presence } from '#contracts/ward-state.ts';
import type { Bus } from '#runtime/bus.ts';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';

export interface StateVoice {
  infusion(infusion: Infusion): void;
  location(location: Location): void;
  presence(presence: Presence): void;
}

/** Says infusions, locations and presences. While the broker is away only the newest of each is kept, and said when it is back. */
export function openStateVoice(bus: Bus, log: Log): StateVoice {
  const missed = new Map<string, () => void>();
  let isTold = false;

  function send(key: string, publish: () => Promise<void>, again: () => void): void {
    if (!bus.isConnected) {
      missed.set(key, again);
      return;
    }
    publish().catch((error: unknown) => {
      // A newer one may have been said since; the key holds the newest that was missed.
      if (!missed.has(key)) missed.set(key, again);
      if (!isTold) log.warn({ reason: asError(error).message }, 'state not said; the newest will be said again');
      isTold = true;
    });
  }
  const voice: StateVoice = {
    infusion(message) {
      const { ward, bed, line } = message;
      const key = `${ward}/${bed}/${line}`;
      missed.delete(key);
      send(
        key,
        () => bus.publish('infusion', { ward, bed, line }, message, { isFleeting: true }),
        () => voice.infusion(message),
      );
    },
    location(message) {
      const key = `tag ${message.tag}`;
      missed.delete(key);
      send(
        key,
        () => bus.publish('location', { tag: message.tag }, message, { isFleeting: true }),
        () => voice.location(message),
      );
    },
    presence(message) {
      const key = `zone ${message.zone}`;
      missed.delete(key);
      send(
        key,
        () => bus.publish('presence', { zone: message.zone }, message, { isFleeting: true }),
        () => voice.presence(message),
      );
    },
  };
  bus.onState((isConnected) => {
    if (!isConnected) return;
    isTold = false;
    const waiting = [...missed.values()];
    missed.clear();
    for (const again of waiting) again();
  });
  return voice;
}
