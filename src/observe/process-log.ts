import { createRequire } from 'node:module';
import pino from 'pino';
import type { Log } from '../base/log.js';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** With `auto`, lines are pretty on a terminal and JSON elsewhere. */
  readonly format: 'auto' | 'json' | 'pretty';
}

/**
 * Makes the log of the process, which goes to stderr, because stdout is for the output of commands.
 * Lines are written synchronously, so that the last one before an exit is not lost.
 */
export function createProcessLog({ level, format }: LogOptions): Log {
  const pretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY);
  const options = {
    level,
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (!pretty) {
    return pino(options, pino.destination({ fd: 2, sync: true }));
  }
  // The pretty printer is loaded only where it is used, so that a service does not pay for it.
  const prettyStream = createRequire(import.meta.url)(
    'pino-pretty',
  ) as typeof import('pino-pretty');
  return pino(
    options,
    prettyStream({
      destination: 2,
      sync: true,
      colorize: process.stderr.isTTY,
      translateTime: 'SYS:HH:MM:ss.l',
    }),
  );
}
