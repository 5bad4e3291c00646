import { type Logger, pino } from 'pino';

export type Log = Logger;

/** JSON lines on standard output; identifiers only, never patient details. The level comes from `WARDLINE_LOG` (default `info`). */
export const openLog = (service: string): Log => pino({ name: service, level: process.env.WARDLINE_LOG ?? 'info', base: { service } });

/** For tests that do not look at the log. */
export const silentLog = (): Log => pino({ level: 'silent' });
