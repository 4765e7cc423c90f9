import { createRequire } from 'node:module';
import pino, { type DestinationStream } from 'pino';
import { errorCode } from '../base/errors.js';
import { isStderrJournal, Priority } from '../base/journal.js';
import type { Log } from '../base/log.js';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** With `auto`, lines are pretty on a terminal where pino-pretty is installed, and JSON elsewhere. */
  readonly format: 'auto' | 'json' | 'pretty';
}

/**
 * Makes the log of the process, which goes to stderr, because stdout is for the output of commands.
 * Lines are written synchronously, so that the last one before an exit is not lost. Pretty lines need
 * pino-pretty; without it they are JSON. Where stderr goes to the journal, JSON lines have their priority
 * before them, so that `journalctl -p warning` finds what it should.
 */
export function createProcessLog({ level, format }: LogOptions): Log {
  const pretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY);
  const options = {
    level,
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  const prettyStream = pretty ? loadPretty() : null;
  if (prettyStream === null) {
    if (format === 'pretty') {
      process.stderr.write(
        'lstmd: log.format is pretty, but pino-pretty is not installed: logging JSON; npm install pino-pretty brings it\n',
      );
    }
    return pino(options, isStderrJournal() ? withPriorities(stderr()) : stderr());
  }
  return pino(
    options,
    prettyStream({
      destination: stderr(),
      colorize: process.stderr.isTTY,
      translateTime: 'SYS:HH:MM:ss.l',
    }),
  );
}

function stderr(): ReturnType<typeof pino.destination> {
  const destination = pino.destination({ fd: 2, sync: true });
  // A terminal that was closed, a journal that is full: the process must not die of it.
  destination.on('error', () => {});
  return destination;
}

/** By the numbers that pino has for levels. */
const priorities = new Map<number, number>([
  [20, Priority.debug],
  [30, Priority.info],
  [40, Priority.warning],
  [50, Priority.error],
]);

/** Puts the priority of each line before it; pino says its level in `lastLevel`. */
function withPriorities(destination: DestinationStream): DestinationStream & { lastLevel: number } {
  const stream = {
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write: (line: string): void => {
      const priority = priorities.get(stream.lastLevel) ?? Priority.info;
      destination.write(`<${priority}>${line}`);
    },
  };
  return stream;
}

/** The module pino-pretty; null where it is not installed. A service logs JSON and never loads it. */
function loadPretty(): typeof import('pino-pretty') | null {
  try {
    return createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  } catch (error) {
    if (errorCode(error) === 'MODULE_NOT_FOUND') {
      return null;
    }
    throw error;
  }
}
