import { setTimeout as sleep } from 'node:timers/promises';
import { loadAddon } from '../../../platform/addon.js';
import { messageOf } from '../../../base/errors.js';
import type { Link, LinkSink } from '../link.js';
import { PortWatch } from './port-watch.js';
import { openSerialPort, type OpenPort, type SerialPortOptions } from './serial-port.js';

export interface SerialLinkOptions extends SerialPortOptions {
  /** Nominal samples a second. */
  readonly rateHz: number;
  /** The port is opened anew after so long without a byte; default 2 s, or 20 periods if longer. */
  readonly silenceMs?: number | undefined;
  /** An open port may bring no row at first for so long; default 10 s, or 5 silences if longer. */
  readonly firstRowMs?: number | undefined;
}

/** The part of the system that a serial link uses; tests pass their own. */
export interface SerialSystem {
  openPort(options: SerialPortOptions): Promise<OpenPort>;
  hungUp(fd: number): boolean;
}

const linux: SerialSystem = {
  openPort: openSerialPort,
  hungUp: (fd) => loadAddon().hungUp(fd),
};

const firstRetryMs = 250;
const lastRetryMs = 2000;
/**
 * Opening a port resets many boards, which then boot for two seconds, print a banner and calibrate: opened anew
 * too early they never get to a row. So the first one may take long, and longer each time that it did not come;
 * but never so long that the watchdog of the agent, at 150 s, would find the stage standing still.
 */
const leastFirstRowMs = 10_000;
const mostFirstRowMs = 120_000;

/**
 * A tty that comes and goes: the link waits for it to appear, reads it, and
 * opens it again after it was unplugged. A watchdog on the bytes themselves
 * notices a hang-up that the reader missed.
 */
export class SerialLink implements Link {
  readonly counters = { opens: 0, hangUps: 0, silences: 0, openErrors: 0, bytes: 0 };

  readonly #options: SerialLinkOptions;
  readonly #system: SerialSystem;
  readonly #silenceMs: number;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  readonly #leastFirstRowMs: number;
  /** How long an open port may bring no row; grows while opening it anew does not help. */
  #firstRowMs: number;
  #retryMs = firstRetryMs;
  #watching: PortWatch | undefined;

  constructor(options: SerialLinkOptions, system: SerialSystem = linux) {
    this.#options = options;
    this.#system = system;
    this.#silenceMs = options.silenceMs ?? Math.max(2000, 20_000 / options.rateHz);
    this.#leastFirstRowMs = options.firstRowMs ?? Math.max(leastFirstRowMs, 5 * this.#silenceMs);
    this.#firstRowMs = this.#leastFirstRowMs;
  }

  start(sink: LinkSink): void {
    this.#running = this.#run(sink);
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    this.#watching?.end('stopped');
    return this.#running;
  }

  async #run(sink: LinkSink): Promise<void> {
    const { signal } = this.#stopping;
    let unavailable: string | undefined;
    while (!signal.aborted) {
      let port: OpenPort;
      try {
        // Never abandoned: an open that nobody waits for ends in a descriptor and a lock that
        // nobody closes.
        port = await this.#system.openPort(this.#options);
      } catch (error) {
        this.counters.openErrors += 1;
        const message = explain(this.#options.path, messageOf(error));
        if (message !== unavailable && !signal.aborted) {
          sink.unavailable(message);
        }
        unavailable = message;
        await this.#wait();
        continue;
      }
      if (signal.aborted) {
        await port.close();
        return;
      }
      unavailable = undefined;
      this.counters.opens += 1;
      this.#watching = this.#watch(port, sink);
      sink.opened(this.#options.path);
      const reason = await this.#watching.ended;
      await port.close();
      if (reason === 'stopped') {
        return;
      }
      sink.closed(reason);
      if (reason === 'silent') {
        this.counters.silences += 1;
        if (!this.#watching.alive) {
          this.#firstRowMs = Math.max(
            this.#firstRowMs,
            Math.min(2 * this.#firstRowMs, mostFirstRowMs),
          );
        }
      } else {
        this.counters.hangUps += 1;
        // A port that opens and hangs up at once, again and again, must not be spun on.
        if (!this.#watching.alive) {
          await this.#wait();
        }
      }
    }
  }

  #watch(port: OpenPort, sink: LinkSink): PortWatch {
    return new PortWatch(port, {
      firstRowMs: this.#firstRowMs,
      silenceMs: this.#silenceMs,
      hungUp: (fd) => this.#system.hungUp(fd),
      onBytes: (chunk, arrivalMs) => {
        this.counters.bytes += chunk.length;
        const hasRow = sink.bytes(chunk, arrivalMs);
        if (hasRow) {
          this.#firstRowMs = this.#leastFirstRowMs;
          this.#retryMs = firstRetryMs;
        }
        return hasRow;
      },
    });
  }

  async #wait(): Promise<void> {
    const delayMs = this.#retryMs;
    this.#retryMs = Math.min(2 * delayMs, lastRetryMs);
    await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

/** A message of the system or of serialport with the way out, which only its text tells. */
function explain(path: string, message: string): string {
  if (message.includes('Permission denied')) {
    return `${message}: the user must be in the group that owns ${path}, usually "dialout"`;
  }
  if (message.includes('Cannot lock')) {
    return `${message} ${path}: another program has it open`;
  }
  return message;
}
