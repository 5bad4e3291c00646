import type { Client, PublishPacket, Subscription } from 'aedes';
import { checkPublish, checkSubscribe } from './authorize.ts';
import type { Bounds } from './bounds.ts';
import type { Connection, Connections } from './connections.ts';
import type { Rejections } from './rejections.ts';
import type { Retained } from './retained.ts';

interface Parts {
  readonly connections: Connections;
  readonly rejections: Rejections;
  readonly retained: Retained;
  readonly bounds: Bounds;
  route(packet: PublishPacket, whenKept: (isKept: boolean) => void): void;
  settle(packet: object): void;
}

type Next = (error?: Error | null) => void;

/** What a client may publish and read, and when its messages are acknowledged. */
export function trafficHooks({ connections, rejections, retained, bounds, route, settle }: Parts) {
  const unconfirmed = new Set<Client>();

  function refusalOf(client: Client, packet: PublishPacket): string | undefined {
    const { rights } = connections.of(client);
    if (!rights) return 'not logged in';
    const verdict = checkPublish(rights, packet as PublishPacket & { payload: Buffer }, bounds);
    if (!verdict.ok) {
      rejections.report(rights.principal.user, packet.topic, verdict.because);
      return verdict.because;
    }
    packet.retain = verdict.retain;
    if (packet.retain && packet.payload.length > 0 && retained.count >= bounds.retainedMax && !retained.find(packet.topic)) {
      const because = `${bounds.retainedMax} topics are retained already`;
      rejections.report(rights.principal.user, packet.topic, because);
      return because;
    }
    return undefined;
  }

  /** Calls back in the order of arrival, whatever waits for the disk. */
  function inOrder({ acknowledgements }: Connection): (send: () => void) => void {
    const place: { send?: () => void } = {};
    acknowledgements.push(place);
    return (send) => {
      place.send = send;
      for (let first = acknowledgements.peek(); first?.send; first = acknowledgements.peek()) {
        acknowledgements.shift();
        first.send();
      }
    };
  }

  return {
    authorizePublish(client: Client | null, packet: PublishPacket, next: Next): void {
      // The will of a client of an earlier run was judged at its login.
      const isBroken = packet.qos > 0 && packet.messageId === 0; // [MQTT-2.3.1-1]
      if (!client || isBroken) {
        next(isBroken ? new Error('packet id 0') : null);
        return;
      }
      const refusal = refusalOf(client, packet);
      const isLater = packet.qos === 2 && refusal === undefined;
      if (!isLater) settle(packet);
      if (isLater || (packet.qos === 0 && refusal !== undefined)) {
        next();
        return;
      }
      if (packet.qos === 0) {
        route(packet, () => next());
        return;
      }
      const answer = inOrder(connections.of(client));
      if (refusal !== undefined) {
        answer(next);
        return;
      }
      route(packet, (isKept) =>
        answer(() => {
          if (!isKept) {
            // Without QoS Aedes sends no acknowledgement: the sender keeps the message and sends it again when it comes back.
            packet.qos = 0;
            unconfirmed.add(client);
          }
          next();
        }),
      );
    },

    authorizeSubscribe(
      client: Client,
      subscription: Subscription,
      next: (error: Error | null, granted?: Subscription | null) => void,
    ): void {
      const { rights, subscriptions } = connections.of(client);
      const { topic } = subscription;
      const verdict = rights ? checkSubscribe(rights, topic, subscriptions, bounds) : undefined;
      if (rights && verdict?.ok === false) rejections.report(rights.principal.user, topic, `subscription: ${verdict.because}`);
      if (verdict?.ok) subscriptions.add(topic);
      next(null, verdict?.ok ? subscription : null);
    },

    /** Clients whose messages were passed on but not acknowledged while the disk took nothing; forgets them. */
    unconfirmed(): Client[] {
      const found = [...unconfirmed];
      unconfirmed.clear();
      return found;
    },
    forget: (client: Client) => void unconfirmed.delete(client),
  };
}
