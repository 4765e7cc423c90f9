import { messageOf } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { printableText } from '../base/printable-text.js';
import { RepeatedLine } from '../base/repeated-line.js';
import { sumOf } from '../base/sum-of.js';
import type { DeviceLinks } from '../sensor/links/device-links.js';
import type { Link } from '../sensor/links/link.js';
import { deviceNameFault, deviceStream } from './device-name.js';
import type { PreparedStream, PreparedTemplate } from './prepared-stream.js';
import type { Stage } from './watchdog.js';

export interface StreamTemplateOptions {
  readonly name: string;
  readonly prepared: PreparedTemplate;
  /** Takes a name for a stream; false where another one has it. */
  readonly claim: (stream: string) => boolean;
  /** Starts the stream of a device. */
  readonly begin: (stream: PreparedStream) => Promise<void>;
  readonly log: Log;
}

/** Holds what became of the devices that a template has seen; of those that are no stream, messages are counted. */
export interface TemplateHealth {
  readonly streams: number;
  readonly maxStreams: number;
  readonly refusedNames: number;
  readonly beyondMaxStreams: number;
  readonly failed: number;
  readonly link: Readonly<Record<string, number>>;
}

/** An entry of `streams` that is a stream for each device that its link finds, made when the device first sends. */
export class StreamTemplate {
  readonly name: string;
  readonly #options: StreamTemplateOptions;
  readonly #links: DeviceLinks;
  #prepared: PreparedTemplate;
  readonly #counters = { streams: 0, refusedNames: 0, beyondMaxStreams: 0, failed: 0 };
  readonly #lines: Readonly<Record<'opened' | 'noticed' | 'refused' | 'beyond', RepeatedLine>>;
  #isStopping = false;
  /** The streams that are being made, one after the other. */
  #making: Promise<void> = Promise.resolve();

  constructor(options: StreamTemplateOptions) {
    const { name, prepared, log } = options;
    this.name = name;
    this.#options = options;
    this.#prepared = prepared;
    this.#links = prepared.links();
    const warn = (fields: object, message: string): void => log.warn(fields, message);
    this.#lines = {
      opened: new RepeatedLine((fields, message) => log.info(fields, message)),
      noticed: new RepeatedLine(warn, 6),
      refused: new RepeatedLine(warn),
      beyond: new RepeatedLine(warn),
    };
  }

  get health(): TemplateHealth {
    const { maxStreams, counters } = this.#links;
    return { ...this.#counters, maxStreams, link: counters };
  }

  /** Returns what the watchdog looks at: even a silent connection has its pings. */
  get stage(): Stage {
    return {
      name: `${this.name}: devices`,
      progress: () => sumOf(this.#links.counters),
      waiting: () => false,
    };
  }

  /** Begins to look for devices; returns at once. */
  start(): void {
    this.#links.start({
      appeared: (device, link) => this.#appeared(device, link),
      opened: (pattern) =>
        this.#lines.opened.say({ pattern }, `a stream is made for each device of ${pattern}`),
      noticed: (message) => this.#lines.noticed.say({}, message),
    });
  }

  /**
   * The streams of devices that come from now on are made of something else; the connection is as it was.
   *
   * @returns when those are made that had begun before
   */
  async follow(prepared: PreparedTemplate): Promise<void> {
    this.#prepared = prepared;
    await this.#making;
  }

  /** Looks for no more devices, and returns when the last stream is made; the streams are their owner's to stop. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#links.stop();
    await this.#making;
    for (const line of Object.values(this.#lines)) {
      line.flush();
    }
  }

  #appeared(device: string, link: Link): boolean {
    const stream = deviceStream(this.name, device);
    const fault = deviceNameFault(device);
    if (fault !== undefined) {
      return this.#refuse(device, `its name ${fault}`);
    }
    const { maxStreams } = this.#links;
    if (this.#counters.streams >= maxStreams) {
      this.#counters.beyondMaxStreams += 1;
      this.#lines.beyond.say(
        { device, maxStreams },
        `device ${device} gets no stream: there are sensor.maxStreams already, ${maxStreams}`,
      );
      return false;
    }
    if (!this.#options.claim(stream)) {
      return this.#refuse(device, `there is another stream ${stream}`);
    }
    this.#counters.streams += 1;
    this.#making = this.#making.then(() => this.#make(stream, link));
    return true;
  }

  /** Counts and says that a device is no stream for its name; the name may be anything. */
  #refuse(device: string, reason: string): false {
    this.#counters.refusedNames += 1;
    const shown = JSON.stringify(printableText(device.slice(0, 80)));
    this.#lines.refused.say({}, `device ${shown} gets no stream: ${reason}`);
    return false;
  }

  async #make(stream: string, link: Link): Promise<void> {
    if (this.#isStopping) {
      return;
    }
    try {
      await this.#options.begin(await this.#prepared.stream(stream, link));
    } catch (error) {
      this.#counters.failed += 1;
      this.#options.log.error({ reason: messageOf(error) }, `stream ${stream} cannot run`);
    }
  }
}
