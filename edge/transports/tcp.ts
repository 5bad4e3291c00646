import { connect } from 'node:net';
import { listenTo } from './sockets.ts';
import type { Connect } from './transport.ts';

const KEEPALIVE_MS = 10_000;

/** A device or terminal server that takes TCP connections. */
export const tcp =
  (host: string, port: number): Connect =>
  (ears) =>
    listenTo(connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS }), ears, `${host}:${port}`);
