import { loadAddon } from '../../../platform/addon.js';
import { withAccessRemedy } from '../../../platform/file-access.js';
import { messageOf } from '../../../base/errors.js';
import { nameTheTty } from '../../../platform/terminal-kind.js';
import { readBytes } from '../../../platform/tty-reader.js';
import type { FarEnd } from '../reconnecting/far-end.js';
import { ReconnectingLink } from '../reconnecting/reconnecting-link.js';
import { isFifo, openFifo } from '../pipe/fifo.js';
import { openSerialPort, type OpenPort, type SerialPortOptions } from './serial-port.js';

export interface SerialLinkOptions extends SerialPortOptions {
  /** Nominal samples a second. */
  readonly rateHz: number;
  /** See `ReconnectingLinkOptions`. */
  readonly silenceMs?: number | undefined;
  readonly firstRowMs?: number | undefined;
}

/** The part of the system that a serial link uses; tests pass their own. */
export interface SerialSystem {
  openPort(options: SerialPortOptions): Promise<Omit<OpenPort, 'setBaudRate'>>;
  hungUp(fd: number): boolean;
}

const linux: SerialSystem = {
  openPort: openSerialPort,
  hungUp: (fd) => loadAddon().hungUp(fd),
};

/** A tty, or a named pipe in its place, that comes and goes. */
export class SerialLink extends ReconnectingLink {
  constructor(options: SerialLinkOptions, system: SerialSystem = linux) {
    const { path, rateHz, silenceMs, firstRowMs } = options;
    const open = (): Promise<FarEnd> => openPath(options, system);
    super({ name: path, rateHz, silenceMs, firstRowMs, open });
  }
}

async function openPath(options: SerialPortOptions, system: SerialSystem): Promise<FarEnd> {
  if (await isFifo(options.path)) {
    return openFifo(options.path);
  }
  try {
    const port = await system.openPort(options);
    return {
      hungUp: () => system.hungUp(port.fd),
      read: (onBytes) => port.read(onBytes),
      write: (bytes) => port.write(bytes),
      pauseMs: pauseMsAt(options.baudRate),
      pause: () => port.pause?.(),
      resume: () => port.resume?.(),
      close: () => port.close(),
    };
  } catch (error) {
    throw new Error(await explain(options.path, messageOf(error)), { cause: error });
  }
}

/**
 * How long reading may pause after each full read of 4 KiB without falling behind the line: half of the time in which as
 * much comes again, at ten bits a byte. The driver holds what comes meanwhile.
 */
function pauseMsAt(baudRate: number): number {
  return (0.5 * 1000 * 10 * readBytes) / baudRate;
}

/** A message of the system or of serialport with the way out, which only its text tells. */
async function explain(path: string, text: string): Promise<string> {
  const message = text.replace(/^Error: /, '');
  if (message.includes('Permission denied')) {
    return withAccessRemedy(message, path);
  }
  if (message.includes('Inappropriate ioctl')) {
    return `${path} is not a serial port: ${nameTheTty}`;
  }
  if (message.includes('Cannot lock')) {
    return `${message} ${path}: another program has it open`;
  }
  return message;
}
