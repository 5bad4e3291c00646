import { connect } from 'node:net';
import { listenTo } from './sockets.ts';
import type { Connect } from './transport.ts';

/** Many devices behind one Unix socket: the first line names the one that is meant. Simulators only. */
export const shared =
  (path: string, device: string): Connect =>
  (ears) =>
    listenTo(connect({ path }), ears, `${path} (${device})`, new TextEncoder().encode(`DEVICE ${device}\n`));
