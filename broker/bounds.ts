import { type Milliseconds, milliseconds } from '#contracts/units.ts';

/** Every limit of the broker in one place. What is not here is unbounded, which is a defect. */
export interface Bounds {
  /** Bytes that a client may send before it is logged in. */
  readonly loginBytesMax: number;
  /** From the connection to the CONNECT packet, the TLS handshake included. */
  readonly loginTimeout: Milliseconds;
  /** Connections that are not logged in yet, over all addresses. */
  readonly loginsOpenMax: number;
  readonly connectionsMax: number;
  readonly connectionsPerUserMax: number;
  /** Failed logins of an address: so many at once, then so many a second; beyond that the answer waits. */
  readonly failedLoginsMax: number;
  readonly failedLoginsPerSecond: number;
  readonly failedLoginDelay: Milliseconds;
  readonly failedLoginsWaitingMax: number;
  /** One MQTT packet. The largest payload allowed, with room for its topic. */
  readonly packetBytesMax: number;
  readonly payloadBytesMax: number;
  /** Of the few channels that carry more. */
  readonly widePayloadBytesMax: number;
  readonly topicBytesMax: number;
  readonly subscriptionsMax: number;
  /** Of our own services: fleet holds four for each robot. */
  readonly serviceSubscriptionsMax: number;
  /** Filters in one SUBSCRIBE packet. */
  readonly subscribeMax: number;
  /** Decisions remembered per client. */
  readonly decisionsMax: number;
  /** Unacknowledged QoS 1 messages on their way to one client. */
  readonly windowMessagesMax: number;
  readonly windowBytesMax: number;
  /** Waiting for one durable session; the oldest go first. */
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
  /** Payloads of waiting messages kept in memory; the others are read back from disk. */
  readonly queueMemoryBytesMax: number;
  readonly sessionsPerUserMax: number;
  /** A durable session that nobody comes back to. */
  readonly sessionAbsenceMax: Milliseconds;
  readonly retainedMax: number;
  /** Unsent bytes at which a reader without a session is disconnected, and at which QoS 0 is withheld from anybody. */
  readonly unsentBytesMax: number;
  readonly unsentQos0BytesMax: number;
  /** A reader that takes nothing for this long is disconnected: without a durable session, and with one. */
  readonly stuckReaderMax: Milliseconds;
  readonly stuckSessionMax: Milliseconds;
  /** Messages on their way out at which senders are slowed down. */
  readonly outgoingPace: number;
  /** Reports of refusals to one client. */
  readonly rejectionsPerSecond: number;
}

export const defaultBounds: Bounds = {
  loginBytesMax: 16 * 1024,
  loginTimeout: milliseconds(5000),
  loginsOpenMax: 1000,
  connectionsMax: 5000,
  connectionsPerUserMax: 64,
  failedLoginsMax: 20,
  failedLoginsPerSecond: 1,
  failedLoginDelay: milliseconds(2000),
  failedLoginsWaitingMax: 50,
  packetBytesMax: 1_300_000,
  payloadBytesMax: 256 * 1024,
  widePayloadBytesMax: 1_200_000,
  topicBytesMax: 512,
  subscriptionsMax: 200,
  serviceSubscriptionsMax: 5000,
  subscribeMax: 64,
  decisionsMax: 5000,
  windowMessagesMax: 1000,
  windowBytesMax: 4 * 1024 * 1024,
  queueMessagesMax: 200_000,
  queueBytesMax: 512 * 1024 * 1024,
  queueMemoryBytesMax: 64 * 1024 * 1024,
  sessionsPerUserMax: 16,
  sessionAbsenceMax: milliseconds(3 * 24 * 3_600_000),
  retainedMax: 100_000,
  unsentBytesMax: 8 * 1024 * 1024,
  unsentQos0BytesMax: 1024 * 1024,
  stuckReaderMax: milliseconds(600),
  stuckSessionMax: milliseconds(15_000),
  outgoingPace: 2000,
  rejectionsPerSecond: 10,
};
