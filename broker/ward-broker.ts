import { Aedes, type Client, type PublishPacket } from 'aedes';

type Done = (error?: Error) => void;
/** As Aedes has it; its type declaration leaves the client out. */
type Publish = (packet: PublishPacket, client: Client | null, done?: Done) => void;

/** Aedes with our own step between "may be published" and "is on its way". */
export class WardBroker extends Aedes {
  readonly #refused = new WeakSet<object>();

  /** The packet will be acknowledged like any other and go nowhere: an error would disconnect an honest client. */
  refuse(packet: PublishPacket): void {
    this.#refused.add(packet);
  }

  override publish(packet: PublishPacket, clientOrDone: Client | null | Done, done?: Done): void {
    const whenDone = typeof clientOrDone === 'function' ? clientOrDone : done;
    if (this.#refused.has(packet)) {
      whenDone?.();
      return;
    }
    (super.publish as unknown as Publish).call(this, packet, typeof clientOrDone === 'function' ? null : clientOrDone, whenDone);
  }
}
