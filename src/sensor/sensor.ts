import type { Log } from '../base/log.js';
import type { Conditioner } from './conditioner.js';
import type { Decoder } from './decoders/decoder.js';
import type { FeatureChain } from './features/feature-chain.js';
import type { GapFiller } from './gap-filler.js';
import type { CloseReason, Link, LinkSink } from './links/link.js';
import { Poller } from './poller.js';
import type { Resampler } from './resampler.js';
import { ClockFaultWatch } from './clock-fault-watch.js';
import { RateWatch } from './rate-watch.js';
import { RowIntake } from './row-intake.js';
import { RowPassage } from './row-passage.js';
import type { GapReason, SampleSink } from './sample-block.js';
import { sensorLines, type SensorLines } from './sensor-lines.js';
import type { SampleClock, Timing } from './time/sample-clock.js';
import { UnreadWatch } from './unread-watch.js';

export interface SensorParts {
  readonly link: Link;
  readonly decoder: Decoder;
  readonly conditioner: Conditioner;
  readonly clock: SampleClock;
  /** Makes up rows in short gaps, and takes samples at another rate, where that was asked for. */
  readonly filler?: GapFiller | undefined;
  readonly resampler?: Resampler | undefined;
  /** Makes features of rows where the conditioner alone does not. */
  readonly chain?: FeatureChain | undefined;
  /** Filters forget at a longer gap; default never. */
  readonly resetAfterMs?: number | undefined;
  readonly log: Log;
  /** Bytes that were no sample for so long are told of; default 5 s, or 5 periods if longer. */
  readonly unreadMs?: number;
  /** Takes what the decoder learnt from the stream, to be kept over restarts; called at each change. */
  readonly onLearnt?: ((learnt: object) => void) | undefined;
}

const closedWords: Readonly<Record<CloseReason, string>> = {
  silent: 'no sample came for too long: opening the sensor anew',
  hungUp: 'the sensor was unplugged: waiting for it',
  brokerLost: 'the connection to the broker of the sensor is lost: connecting anew',
  stopped: 'stopped',
};

/**
 * A link, a decoder, a conditioner, a clock and the passage of their rows as one source of samples: it follows the
 * link, says in the log what is wrong with the bytes, and counts.
 */
export class Sensor {
  readonly #link: Link;
  readonly #decoder: Decoder;
  readonly #conditioner: Conditioner;
  readonly #clock: SampleClock;
  readonly #intake: RowIntake;
  #sink: SampleSink | undefined;
  readonly #rate: RateWatch;
  readonly #clockFault: ClockFaultWatch;
  readonly #passage: RowPassage;
  #connected = false;
  #obstacle: string | undefined;
  /** Asks a sensor that speaks only when it is asked; undefined for all others. */
  readonly #poller: Poller | undefined;
  readonly #onLearnt: ((learnt: object) => void) | undefined;
  #learnt: object | undefined;
  readonly #unread: UnreadWatch;
  readonly #lines: SensorLines;

  constructor(parts: SensorParts) {
    const { link, decoder, conditioner, clock, log, unreadMs, onLearnt } = parts;
    this.#link = link;
    this.#decoder = decoder;
    this.#conditioner = conditioner;
    this.#clock = clock;
    const hasDeviceTime = clock.timing.source !== 'arrival';
    this.#intake = new RowIntake(decoder.axes, conditioner, hasDeviceTime, (reason) =>
      this.#tellLost(reason),
    );
    this.#passage = new RowPassage({ ...parts, axes: decoder.axes });
    this.#rate = new RateWatch(clock.periodMs, (fields, message) =>
      this.#lines.rate.say(fields, message),
    );
    this.#clockFault = new ClockFaultWatch(clock, decoder.deviceClock, (fields, message) =>
      this.#lines.clock.say(fields, message),
    );
    if (decoder.polling !== undefined && link.isAskedFor !== true) {
      const ask = (bytes: Uint8Array): void => link.write(bytes);
      this.#poller = new Poller(decoder.polling, clock.periodMs, ask, () => {
        const atMs = performance.now();
        link.givenUp?.(atMs);
        this.#giveUp(atMs);
      });
    }
    this.#onLearnt = onLearnt;
    this.#unread = new UnreadWatch(unreadMs ?? Math.max(5000, 5 * clock.periodMs), (last, count) =>
      this.#tellUnread(last, count),
    );
    this.#lines = sensorLines(log);
  }

  /** Returns whether the link is open. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Why the link could not be opened when that was last tried; undefined where it was opened, or was not tried yet. */
  get obstacle(): string | undefined {
    return this.#obstacle;
  }

  /** Rows a second that arrived of late, lost ones included; null while that is not known. */
  get measuredHz(): number | null {
    return this.#rate.measuredHz;
  }

  /** How the times of samples are known, and how good they are. */
  get timing(): Timing {
    return this.#clock.timing;
  }

  /** Everything counted so far, by part and name. */
  get counters(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    const { gaps, ...samples } = this.#passage.counters;
    return {
      link: this.#link.counters,
      decoder: this.#decoder.counters,
      conditioner: this.#conditioner.counters,
      clock: { gaps, ...this.#clock.counters },
      samples,
    };
  }

  /**
   * Goes on from what the decoder had learnt from the stream before a restart; comes before `start`.
   *
   * @returns false when it does not belong to this decoder and its options, and was passed over
   */
  restore(learnt: unknown): boolean {
    const isTaken = this.#decoder.restore?.(learnt) ?? false;
    this.#learnt = this.#decoder.learnt;
    return isTaken;
  }

  /** Begins to pass samples on; returns at once, whether the sensor is there or not. */
  start(sink: SampleSink): void {
    this.#sink = sink;
    this.#link.start(this.#fromLink);
  }

  /** How long it may be paused after a block, milliseconds; 0 where it cannot be. */
  get pauseMs(): number {
    return this.#link.pauseMs ?? 0;
  }

  /** Reads no further until `resume`. */
  pause(): void {
    this.#link.pause?.();
  }

  resume(): void {
    this.#link.resume?.();
  }

  /** Closes the link; no sample is passed on after that. */
  async stop(): Promise<void> {
    this.#sink = undefined;
    this.#poller?.stop();
    await this.#link.stop();
    this.#connected = false;
    this.#unread.stop();
    for (const line of Object.values(this.#lines)) {
      line.flush();
    }
  }

  readonly #fromLink: LinkSink = {
    opened: (path) => {
      this.#connected = true;
      this.#obstacle = undefined;
      this.#clock.opened();
      this.#rate.reset();
      this.#decoder.reset();
      this.#poller?.start();
      this.#lines.opened.say({ path }, `reading ${path}`);
    },
    bytes: (chunk, arrivalMs, isWhole = false) => {
      const intake = this.#intake;
      intake.hasRow = false;
      if (isWhole) {
        this.#decoder.boundary?.(intake);
        this.#decoder.push(chunk, intake);
        this.#decoder.boundary?.(intake);
      } else {
        this.#decoder.push(chunk, intake);
      }
      this.#poller?.heard(arrivalMs);
      this.#keepLearnt();
      if (intake.batch.arrived > 0) {
        this.#rate.add(intake.batch.arrived, arrivalMs);
      }
      const samples = intake.batch.count;
      this.#pass(arrivalMs);
      this.#clockFault.look();
      if (samples > 0) {
        this.#unread.clear();
        intake.refusedRows = 0;
      } else {
        this.#unread.add(chunk, arrivalMs);
      }
      return intake.hasRow;
    },
    closed: (reason) => this.#closed(reason),
    unavailable: (message) => {
      this.#obstacle = message;
      this.#lines.unavailable.say(
        {},
        `the sensor cannot be opened and is being tried again: ${message}`,
      );
    },
    noticed: (message) => this.#lines.noticed.say({}, message),
    asked: () => {
      this.#decoder.polling?.request();
    },
    gaveUp: (atMs) => this.#giveUp(atMs),
  };

  /** Gives up the answer that is waited for, and passes on what was lost with it. */
  #giveUp(atMs: number): void {
    this.#decoder.polling?.giveUp(this.#intake);
    this.#pass(atMs);
  }

  /** Says and passes on what the decoder has just learnt from the stream. */
  #keepLearnt(): void {
    const { learnt } = this.#decoder;
    if (learnt === undefined || learnt === this.#learnt) {
      return;
    }
    this.#learnt = learnt;
    this.#lines.header.say(
      { ...learnt },
      this.#decoder.learntText ?? `rows are now read as ${this.#decoder.expected}`,
    );
    this.#onLearnt?.(learnt);
  }

  /** Says why a row is no sample. */
  #tellLost(reason: GapReason): void {
    this.#lines.lost.say(
      { decoder: { ...this.#decoder.counters }, conditioner: { ...this.#conditioner.counters } },
      reason === 'rejected'
        ? `lost a row: ${this.#decoder.rejection}`
        : 'lost a row: a reading was not between features.min and features.max, or not finite',
    );
  }

  /** Says what comes in the place of samples, what was expected, and what may be done about it. */
  #tellUnread(last: Uint8Array, count: number): void {
    const { shown, cause } = this.#decoder.diagnose(last);
    const because =
      this.#intake.refusedRows > 0
        ? 'these rows are read, but a reading of each is not between features.min and features.max, or not finite'
        : cause;
    this.#lines.unread.say(
      { bytes: count, decoder: { ...this.#decoder.counters } },
      `the sensor sends, but no sample: ${shown} came where ${this.#decoder.expected} was expected; ${because}`,
    );
  }

  /** Passes the rows of a read on, or drops them once nobody takes them. */
  #pass(arrivalMs: number): void {
    if (this.#sink === undefined) {
      this.#intake.batch.clear();
    } else {
      this.#passage.pass(this.#intake.batch, arrivalMs, this.#sink);
    }
  }

  #closed(reason: CloseReason): void {
    this.#connected = false;
    this.#poller?.stop();
    this.#rate.reset();
    this.#intake.closed();
    this.#lines.closed.say({ reason }, closedWords[reason]);
  }
}
