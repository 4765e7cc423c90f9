import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../base/errors.js';
import type { Link, LinkSink } from '../link.js';
import type { FarEnd } from './far-end.js';
import { FarEndWatch } from './far-end-watch.js';

export interface ReconnectingLinkOptions {
  /** The address, for messages. */
  readonly name: string;
  /** Nominal samples a second. */
  readonly rateHz: number;
  /** The far end is opened anew after so long without a byte; default 2 s, or 20 periods if longer. */
  readonly silenceMs?: number | undefined;
  /** It may bring no row at first for so long; default 10 s, or 5 silences if longer. */
  readonly firstRowMs?: number | undefined;
  /**
   * Connects, or rejects in words that say what to do. Never abandoned: what it opens is closed in the end. So it must
   * come to its end by itself.
   */
  open(signal: AbortSignal): Promise<FarEnd>;
}

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
 * A far end that comes and goes: the link waits for it to appear, reads it, and opens it again when it went away. A
 * watchdog on the bytes themselves notices that it is gone where the reader does not.
 */
export class ReconnectingLink implements Link {
  readonly counters = { opens: 0, hangUps: 0, silences: 0, openErrors: 0, bytes: 0 };

  readonly #options: ReconnectingLinkOptions;
  readonly #silenceMs: number;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  readonly #leastFirstRowMs: number;
  /** How long an open far end may bring no row; grows while opening it anew does not help. */
  #firstRowMs: number;
  #retryMs = firstRetryMs;
  #farEnd: FarEnd | undefined;
  #watching: FarEndWatch | undefined;

  constructor(options: ReconnectingLinkOptions) {
    this.#options = options;
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

  write(bytes: Uint8Array): void {
    this.#farEnd?.write(bytes);
  }

  get pauseMs(): number {
    return this.#farEnd?.pauseMs ?? 0;
  }

  pause(): void {
    this.#farEnd?.pause?.();
  }

  resume(): void {
    this.#farEnd?.resume?.();
  }

  async #run(sink: LinkSink): Promise<void> {
    const { signal } = this.#stopping;
    let unavailable: string | undefined;
    while (!signal.aborted) {
      let farEnd: FarEnd;
      try {
        // Never abandoned: an open that nobody waits for ends in a descriptor and a lock that
        // nobody closes.
        farEnd = await this.#options.open(signal);
      } catch (error) {
        this.counters.openErrors += 1;
        const message = messageOf(error);
        if (message !== unavailable && !signal.aborted) {
          sink.unavailable(message);
        }
        unavailable = message;
        await this.#wait();
        continue;
      }
      if (signal.aborted) {
        await farEnd.close();
        return;
      }
      unavailable = undefined;
      this.counters.opens += 1;
      this.#farEnd = farEnd;
      this.#watching = this.#watch(farEnd, sink);
      sink.opened(this.#options.name);
      const reason = await this.#watching.ended;
      this.#farEnd = undefined;
      await farEnd.close();
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

  #watch(farEnd: FarEnd, sink: LinkSink): FarEndWatch {
    return new FarEndWatch(farEnd, {
      firstRowMs: this.#firstRowMs,
      silenceMs: this.#silenceMs,
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
