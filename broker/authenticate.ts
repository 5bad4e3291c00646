import type { AuthenticateError, Client, ConnectPacket } from 'aedes';
import type { Milliseconds } from '#contracts/units.ts';
import { type Clock, sleep } from '#runtime/clock.ts';
import type { Log } from '#runtime/log.ts';
import { checkWill, isBrokenText } from './authorize.ts';
import type { Bounds } from './bounds.ts';
import type { Connections } from './connections.ts';
import type { Identities } from './identities.ts';
import { rateOf } from './rate.ts';
import { rightsOf } from './rights.ts';

/** Return codes of CONNACK. [MQTT-3.2.2.3] */
const ID_REFUSED = 2;
const UNAVAILABLE = 3;
const WRONG_SECRET = 4;
const NOT_AUTHORIZED = 5;

const CLIENT_ID_MAX = 128;
const LOOKS_LIKE_PRINCIPAL = /^(service|edge|device|robot|facility)\./;

/** May this user connect with this client id? Its own name, alone or with a connection's name after a colon; a vehicle chooses, but nobody else's name. */
export function isOwnClientId(user: string, kind: string, clientId: string): boolean {
  if (clientId === user || clientId.startsWith(`${user}:`)) return true;
  return kind === 'robot' && !LOOKS_LIKE_PRINCIPAL.test(clientId);
}

/** What is wrong with a CONNECT packet, whoever sends it. */
export function flawOf(packet: ConnectPacket): string | undefined {
  if ('bridgeMode' in packet && packet.bridgeMode) return 'bridges are not served';
  if (!packet.clientId && !packet.clean) return 'a kept session needs a client id'; // [MQTT-3.1.3-8]
  if (packet.clientId && (packet.clientId.length > CLIENT_ID_MAX || isBrokenText(packet.clientId))) return 'client id cannot be used';
  return undefined;
}

export interface LoginParts {
  readonly identities: Identities;
  readonly connections: Connections;
  readonly site: string;
  readonly bounds: Bounds;
  readonly clock: Clock;
  readonly log: Log;
  /** Who holds the client id now, connected or by a session that is kept. */
  ownerOf(clientId: string): string | undefined;
  /** Connections of the user, this client id not counted. */
  connectionsOf(user: string, exceptClientId: string): number;
}

class LoginRefused extends Error {
  readonly returnCode: AuthenticateError['returnCode'];
  constructor(returnCode: number, because: string) {
    super(because);
    this.returnCode = returnCode;
  }
}

/** Who a client is: user, secret, client id and last will, all judged before CONNACK. */
export function loginHooks(parts: LoginParts) {
  const { identities, connections, site, bounds, clock, log } = parts;
  const failures = rateOf({ burst: bounds.failedLoginsMax, perSecond: bounds.failedLoginsPerSecond, keysMax: 10_000 });
  const logged = rateOf({ burst: 20, perSecond: 1, keysMax: 1000 });
  let held = 0;

  function judge(client: Client, username: string | undefined, password: Buffer | undefined): void {
    const connection = connections.of(client);
    if (connection.flaw !== undefined) throw new LoginRefused(ID_REFUSED, connection.flaw);
    const principal = username === undefined || password === undefined ? undefined : identities.check(username, password);
    if (!principal) throw new LoginRefused(WRONG_SECRET, 'user or secret is wrong');
    const { user, kind } = principal;
    if (!isOwnClientId(user, kind, client.id)) throw new LoginRefused(ID_REFUSED, `client id must be ${user} or start with ${user}:`);
    const owner = parts.ownerOf(client.id);
    if (owner !== undefined && owner !== user) throw new LoginRefused(ID_REFUSED, 'client id is in use by somebody else');
    if (parts.connectionsOf(user, client.id) >= bounds.connectionsPerUserMax)
      throw new LoginRefused(UNAVAILABLE, `${bounds.connectionsPerUserMax} connections of ${user} stand already`);
    const rights = rightsOf(principal, site, bounds.decisionsMax);
    if (connection.will) {
      const verdict = checkWill(rights, connection.will, bounds);
      if (!verdict.ok) throw new LoginRefused(NOT_AUTHORIZED, `last will on ${connection.will.topic}: ${verdict.because}`);
    }
    connections.logIn(connection, rights);
  }

  /** An address that fails too often waits for its answer: right secrets are never locked out, guessing is slow. */
  async function refuse(client: Client, address: string, answer: () => void): Promise<void> {
    if (failures.take(address, clock.elapsed())) return answer();
    if (held >= bounds.failedLoginsWaitingMax) return void client.conn.destroy();
    held++;
    await sleep(clock, bounds.failedLoginDelay as Milliseconds);
    held--;
    answer();
  }

  return {
    preConnect(client: Client, packet: ConnectPacket, next: (error: Error | null, isAllowed: boolean) => void): void {
      const connection = connections.of(client);
      const flaw = flawOf(packet);
      if (flaw !== undefined) connection.flaw = flaw;
      if (packet.will) {
        const { topic, payload, qos, retain } = packet.will;
        connection.will = { topic, payload: payload as Buffer, qos: qos ?? 0, retain: retain ?? false };
      }
      next(null, true);
    },
    authenticate(
      client: Client,
      username: string | undefined,
      password: Buffer | undefined,
      next: (error: AuthenticateError | null, isRight: boolean | null) => void,
    ): void {
      try {
        judge(client, username, password);
      } catch (thrown) {
        if (!(thrown instanceof LoginRefused)) throw thrown;
        const { address } = connections.of(client);
        if (logged.take(address, clock.elapsed()))
          log.warn(
            { address, user: username?.slice(0, 64), client: client.id?.slice(0, CLIENT_ID_MAX), because: thrown.message },
            'login refused',
          );
        void refuse(client, address, () => next(thrown, false));
        return;
      }
      next(null, true);
    },
  };
}
