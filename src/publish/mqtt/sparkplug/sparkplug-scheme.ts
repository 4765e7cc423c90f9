import { isObject, type JsonObject } from '../../../base/json.js';
import { RepeatedLine } from '../../../base/repeated-line.js';
import type { Log } from '../../../base/log.js';
import type { LatestValue, RecordSource } from '../../outbox/contract/publisher.js';
import type { OutboxRecord } from '../../outbox/contract/record.js';
import type { HeardMessage } from '../message.js';
import type { PublishScheme, WrittenRecord } from '../publish-scheme.js';
import type { RetainedValue } from '../retained-values.js';
import type { Session } from '../session.js';
import { BdSeq } from './bd-seq.js';
import { Device } from './device.js';
import { MetricSet } from './metric-set.js';
import { PrimaryHost } from './primary-host.js';
import { dataTypes, encodePayload, isTrueIn, type Metric } from './payload.js';
import { sentOnce } from './sent-once.js';

const rebirthName = 'Node Control/Rebirth';

/** seq is a number of one byte. */
const follows = (number: number): number => (number + 1) % 256;

export interface SparkplugOptions {
  readonly group: string;
  readonly node: string;
  /** The ID of the host without which nothing is published; undefined where there is none. */
  readonly primaryHost?: string | undefined;
  /** The device's directory on flash; undefined where nothing is kept. */
  readonly directory?: string | undefined;
  readonly records: Pick<RecordSource, 'timeLeftMs' | 'maxAgeMs'>;
  /** Wall time, epoch milliseconds. */
  readonly now: () => number;
  /** Has what `next` returns sent. */
  readonly wake: () => void;
  readonly log: Log;
}

/**
 * Sparkplug B 3.0: the device is an edge node, and each stream a device of it. A record is encoded when it is sent, and
 * has its `seq` from then: what waited comes after the births, as historical.
 */
export class SparkplugScheme implements PublishScheme {
  readonly will: PublishScheme['will'];
  readonly #options: SparkplugOptions;
  readonly #lines: RepeatedLine;
  readonly #metrics: MetricSet;
  readonly #devices = new Map<string, Device>();
  #aliases = 0;
  readonly #bdSeq: BdSeq;
  readonly #host: PrimaryHost | undefined;
  /** The connection of now, or the last one. */
  #session: Session | undefined;
  /** The number of the next message. */
  #seq = 0;
  #isBorn = false;
  #bornMs = 0;
  /** The device's health, as it is to be sent. */
  #health: Metric[] = [];
  #stage: 'open' | 'signingOff' | 'dead' = 'open';
  /** The death is to be sent because the host has gone, and this connection is then over. */
  #isHostGone = false;

  constructor(options: SparkplugOptions) {
    this.#options = options;
    this.#lines = new RepeatedLine((fields, message) => options.log.warn(fields, message));
    this.#metrics = this.#newMetrics();
    this.#bdSeq = new BdSeq(options.directory, options.log);
    const { primaryHost: id, log } = options;
    this.#host =
      id === undefined
        ? undefined
        : new PrimaryHost({ id, log, changed: (isOnline) => this.#hostChanged(isOnline) });
    this.will = {
      topic: this.#topic('NDEATH'),
      isRetained: false,
      payload: () => {
        this.#bdSeq.advance();
        return this.#death();
      },
    };
  }

  connected(session: Session): void {
    const topic = this.#topic('NCMD');
    const { log } = this.#options;
    this.#session = session;
    this.#isHostGone = false;
    // The specification wants it before the births.
    session.subscribe(
      topic,
      (message) => this.#heard(message),
      (reason) =>
        log.warn(
          { topic, reason },
          'the broker does not let this node hear that it is to be born again: allow it to read this topic',
        ),
    );
    this.#host?.connected(session);
    this.#bearAgain();
  }

  setLatest(value: LatestValue): void {
    if (value.kind === 'deviceHealth') {
      this.#health = this.#metrics.take('health', objectOf(value.payload), false);
      if (this.#metrics.hasUnborn) {
        this.#bearAgain();
      }
    } else if (value.kind !== 'now') {
      // A state of now is in the metrics already.
      this.#device(value.stream).setLatest(value.kind, objectOf(value.payload));
    }
  }

  signOff(): void {
    this.#stage = 'signingOff';
  }

  next(): RetainedValue | undefined {
    if (this.#stage === 'dead') {
      return undefined;
    }
    if (this.#isHostGone) {
      return this.#isBorn ? this.#goodbyeToHost() : undefined;
    }
    if (!this.#mayPublish) {
      return undefined;
    }
    if (!this.#isBorn) {
      return this.#nodeBirth();
    }
    for (const device of this.#devices.values()) {
      const topicType = device.due;
      if (topicType !== undefined) {
        const topic = this.#topic(topicType, device.name);
        return this.#numbered(topic, device.metricsOf(topicType), () => device.sent(topicType));
      }
    }
    if (this.#health.length > 0) {
      return this.#numbered(this.#topic('NDATA'), this.#health, () => {
        this.#health = [];
      });
    }
    return this.#stage === 'signingOff' ? this.#goodbye() : undefined;
  }

  write(record: OutboxRecord): WrittenRecord | undefined {
    if (!this.#mayPublish) {
      return undefined;
    }
    const device = this.#device(record.stream);
    const metrics = device.take(record, objectOf(record.payload), this.#hasWaited(record));
    if (!this.#isBorn || device.due === 'DBIRTH') {
      return undefined;
    }
    const payload = this.#payload(metrics);
    return { topic: this.topicOf(record), payload, qos: 0 };
  }

  recordSent(): void {
    this.#seq = follows(this.#seq);
  }

  flush(): void {
    this.#lines.flush();
    this.#bdSeq.flush();
    this.#host?.flush();
  }

  topicOf({ stream }: OutboxRecord): string {
    return this.#topic('DDATA', stream);
  }

  /** Returns whether births and data may be published: the primary host is there, where there is one. */
  get #mayPublish(): boolean {
    return !this.#isHostGone && this.#host?.isOnline !== false;
  }

  /** Returns whether a record was made before the births of now. */
  #hasWaited(record: OutboxRecord): boolean {
    const { records } = this.#options;
    const waitedMs = records.maxAgeMs - records.timeLeftMs(record);
    return record.isHistory || waitedMs > performance.now() - this.#bornMs;
  }

  #nodeBirth(): RetainedValue {
    this.#seq = 0;
    const metrics: Metric[] = [
      { name: 'bdSeq', datatype: dataTypes.int64, value: this.#bdSeq.current },
      { name: rebirthName, datatype: dataTypes.boolean, value: false },
      ...this.#metrics.birth(),
    ];
    return this.#numbered(this.#topic('NBIRTH'), metrics, () => {
      this.#isBorn = true;
      this.#bornMs = performance.now();
      this.#metrics.born();
      this.#health = [];
    });
  }

  /** The births are to be sent, of the node and then of each device. */
  #bearAgain(): void {
    this.#isBorn = false;
    for (const device of this.#devices.values()) {
      device.bearAgain();
    }
  }

  #heard({ topic, payload }: HeardMessage): void {
    try {
      if (isTrueIn(payload, rebirthName)) {
        this.#bearAgain();
        this.#options.wake();
      }
    } catch {
      this.#lines.say({ topic, bytes: payload.length }, 'a command that is no Sparkplug payload');
    }
  }

  #hostChanged(isOnline: boolean): void {
    // The specification wants the death where the host goes, and the end of the connection behind it.
    this.#isHostGone = !isOnline;
    this.#options.wake();
  }

  /** A message with the next `seq`, which is given to it if it is sent. */
  #numbered(topic: string, metrics: readonly Metric[], done: () => void): RetainedValue {
    return sentOnce({
      topic,
      payload: this.#payload(metrics),
      qos: 0,
      taken: (isSent) => {
        if (isSent) {
          this.#seq = follows(this.#seq);
        }
        done();
      },
    });
  }

  /** The death of the node, behind which the connection ends; the next one waits for the host. */
  #goodbyeToHost(): RetainedValue {
    const session = this.#session;
    return sentOnce({
      topic: this.will.topic,
      payload: this.#death(),
      qos: 1,
      taken: () => {
        this.#isBorn = false;
      },
      answered: () => session?.end(),
    });
  }

  #goodbye(): RetainedValue {
    return sentOnce({
      topic: this.will.topic,
      payload: this.#death(),
      qos: 1,
      taken: () => {
        this.#stage = 'dead';
      },
    });
  }

  #payload(metrics: readonly Metric[]): Uint8Array {
    return encodePayload({ timestampMs: this.#options.now(), metrics, seq: this.#seq });
  }

  #death(): Uint8Array {
    const bdSeq = { name: 'bdSeq', datatype: dataTypes.int64, value: this.#bdSeq.current };
    return encodePayload({ timestampMs: this.#options.now(), metrics: [bdSeq] });
  }

  #device(name: string): Device {
    let device = this.#devices.get(name);
    if (device === undefined) {
      device = new Device(name, this.#newMetrics());
      this.#devices.set(name, device);
    }
    return device;
  }

  #newMetrics(): MetricSet {
    return new MetricSet(() => {
      this.#aliases += 1;
      return this.#aliases;
    });
  }

  #topic(type: string, device?: string): string {
    const { group, node } = this.#options;
    const topic = `spBv1.0/${group}/${type}/${node}`;
    return device === undefined ? topic : `${topic}/${device}`;
  }
}

/** The members of a JSON object. */
function objectOf(json: string): JsonObject {
  const value: unknown = JSON.parse(json);
  return isObject(value) ? value : {};
}
