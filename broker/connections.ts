import type { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import type { Publication } from './authorize.ts';
import type { Fifo } from './fifo.ts';
import type { FrameGuard } from './frame-guard.ts';
import type { Rights } from './rights.ts';

/** What the broker knows of one connection beyond what Aedes keeps. */
export interface Connection {
  readonly address: string;
  readonly guard: FrameGuard;
  /** Undefined until the login. */
  rights?: Rights;
  will?: Publication;
  /** Why the CONNECT packet is refused, whoever sends it. */
  flaw?: string;
  /** Filters that were granted. */
  readonly subscriptions: Set<string>;
  /** Publications whose acknowledgement waits for the disk: they go out in the order of arrival. [MQTT-4.6.0-2] */
  readonly acknowledgements: Fifo<{ send?: () => void }>;
}

/** Connections by their stream: the only thing that a listener and a hook of Aedes both see. */
export class Connections {
  readonly #byStream = new WeakMap<object, Connection>();
  #open = 0;
  #waiting = 0;

  /** All connections, and those that are not logged in yet. */
  get open(): number {
    return this.#open;
  }
  get waiting(): number {
    return this.#waiting;
  }

  add(stream: Duplex, connection: Connection): void {
    this.#byStream.set(stream, connection);
    this.#open++;
    this.#waiting++;
    stream.once('close', () => {
      this.#open--;
      if (!connection.rights) this.#waiting--;
    });
  }

  logIn(connection: Connection, rights: Rights): void {
    connection.rights = rights;
    this.#waiting--;
  }

  of(client: Client): Connection {
    const connection = this.#byStream.get(client.conn);
    if (!connection) throw new Error('a client of a stream that no listener took');
    return connection;
  }
}
