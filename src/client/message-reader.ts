import { isObject, type JsonObject } from '../base/json.js';
import { messageOf } from '../base/errors.js';
import { isCborMap, valueOfCbor } from '../mqtt-client/cbor.js';
import type { Message, Now, Prediction, Status, StreamEvent } from './messages.js';
import { RecordFilter } from './record-filter.js';

/**
 * Makes messages of what comes from a broker: payloads read, duplicates left out, missing records told. `LstmdSubscription`
 * has one; it is for those who get topics and payloads in another way, as from a stream of NATS.
 */
export class MessageReader {
  readonly #prefixLevels: number;
  /** The streams that were heard of last come last. */
  readonly #filters = new Map<string, RecordFilter>();
  readonly #rememberedRecords: number;
  readonly #tellsMissing: boolean;
  #duplicates = 0;
  /** New records since the filters were counted. */
  #newRecords = 0;

  /**
   * @param prefix the devices' `mqtt.prefix`, of which only the number of levels counts
   * @param options.rememberedRecords bound of the records of all streams that are remembered to know those that come
   *   again; the streams that were silent for longest are forgotten first. Default: a million
   * @param options.tellsMissing false where others get a part of the records; default true
   */
  constructor(
    prefix: string,
    options: { readonly rememberedRecords?: number; readonly tellsMissing?: boolean } = {},
  ) {
    this.#prefixLevels = prefix.split('/').length;
    this.#rememberedRecords = options.rememberedRecords ?? 1_000_000;
    this.#tellsMissing = options.tellsMissing ?? true;
  }

  /** Streams of which something is remembered. */
  get rememberedStreams(): number {
    return this.#filters.size;
  }

  /** Records that had come before and were left out. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /**
   * Reads one MQTT message.
   *
   * @param topic as it came, within the prefix
   * @returns what there is to tell of it, `malformed` where it is none of lstmd's; nothing for a duplicate, for topics that
   *   are not a stream's or a device's, and for an empty message, which takes away what was retained
   */
  read(topic: string, payload: Uint8Array): Message[] {
    if (payload.length === 0) {
      return [];
    }
    const [device = '', ...rest] = topic.split('/').slice(this.#prefixLevels);
    try {
      if (rest.length === 1) {
        return this.#ofDevice(device, rest[0], payload);
      }
      const [stream = '', leaf = ''] = rest;
      // Below cmd are commands and their results.
      return rest.length === 2 && stream !== 'cmd'
        ? this.#ofStream(device, stream, leaf, payload)
        : [];
    } catch (error) {
      return [{ kind: 'malformed', topic, reason: messageOf(error) }];
    }
  }

  #ofDevice(device: string, leaf: string | undefined, payload: Uint8Array): Message[] {
    switch (leaf) {
      case 'status': {
        const status = objectOf(payload);
        if (status['state'] !== 'online' && status['state'] !== 'offline') {
          throw new Error('state is neither online nor offline');
        }
        return [{ kind: 'status', device, status: status as object as Status }];
      }
      case 'health':
        return [{ kind: 'deviceHealth', device, facts: objectOf(payload) }];
      default:
        return [];
    }
  }

  #ofStream(device: string, stream: string, leaf: string, payload: Uint8Array): Message[] {
    const of = { device, stream };
    switch (leaf) {
      case 'prediction':
      case 'event':
        return this.#record(of, leaf, objectOf(payload), false);
      case 'history': {
        const { history, kind, ...record } = objectOf(payload);
        if (history !== true || (kind !== 'prediction' && kind !== 'event')) {
          throw new Error('history names no kind of record');
        }
        return this.#record(of, kind, record, true);
      }
      case 'now': {
        const record = objectOf(payload);
        checkKey(record);
        return [{ kind: 'now', ...of, record: record as object as Now }];
      }
      case 'info': {
        const facts = objectOf(payload);
        const { every, stride, maxHz, onChange } = facts;
        if (typeof every === 'number' && typeof stride === 'number') {
          // Where predictions are chosen by time or by value, their numbers do not tell how many there are.
          const isEven = maxHz === undefined && onChange === undefined;
          this.#filterOf(device, stream).setStep(isEven ? every * stride : undefined);
        }
        return [{ kind: 'info', ...of, facts }];
      }
      case 'health':
        return [{ kind: 'health', ...of, facts: objectOf(payload) }];
      default:
        return [];
    }
  }

  #record(
    of: { readonly device: string; readonly stream: string },
    kind: 'prediction' | 'event',
    record: JsonObject,
    isHistory: boolean,
  ): Message[] {
    const { predictions } = record;
    if (kind === 'prediction' && Array.isArray(predictions)) {
      return predictions.flatMap((each: unknown) => {
        if (!isObject(each)) {
          throw new Error('a prediction of a batch is no object');
        }
        return this.#record(of, kind, each, isHistory);
      });
    }
    const { boot, seq } = checkKey(record);
    const filter = this.#filterOf(of.device, of.stream);
    const name = kind === 'event' ? String(record['label'] ?? record['event']) : '';
    if (!filter.isNew(kind, boot, seq, name)) {
      this.#duplicates += 1;
      return [];
    }
    this.#forgetSilent();
    if (kind === 'event') {
      return [{ kind, ...of, record: record as object as StreamEvent, isHistory }];
    }
    const hole = isHistory || !this.#tellsMissing ? undefined : filter.follows(boot, seq);
    return [
      ...(hole === undefined
        ? []
        : [{ kind: 'missing', ...of, boot, before: seq, ...hole } as const]),
      { kind, ...of, record: record as object as Prediction, isHistory },
    ];
  }

  #filterOf(device: string, stream: string): RecordFilter {
    const key = `${device}/${stream}`;
    let filter = this.#filters.get(key);
    if (filter === undefined) {
      filter = new RecordFilter();
    } else {
      this.#filters.delete(key);
    }
    this.#filters.set(key, filter);
    return filter;
  }

  /** Forgets streams where too many records are remembered; looked at once for many new ones, for it counts them all. */
  #forgetSilent(): void {
    this.#newRecords += 1;
    if (this.#newRecords < this.#rememberedRecords / 4) {
      return;
    }
    this.#newRecords = 0;
    // A stream of which only the info is known takes room, too.
    const sizes = [...this.#filters].map(([key, { size }]) => [key, size + 1] as const);
    let total = sizes.reduce((sum, [, size]) => sum + size, 0);
    for (const [key, size] of sizes) {
      if (total <= this.#rememberedRecords) {
        return;
      }
      this.#filters.delete(key);
      total -= size;
    }
  }
}

function objectOf(payload: Uint8Array): JsonObject {
  const json: unknown = isCborMap(payload)
    ? valueOfCbor(payload)
    : JSON.parse(Buffer.from(payload).toString());
  if (!isObject(json)) {
    throw new Error('the payload is no JSON object and no CBOR map');
  }
  return json;
}

function checkKey({ ts, boot, seq }: JsonObject): { readonly boot: number; readonly seq: number } {
  if (typeof ts !== 'number' || typeof boot !== 'number' || typeof seq !== 'number') {
    throw new Error('ts, boot or seq is no number');
  }
  return { boot, seq };
}
