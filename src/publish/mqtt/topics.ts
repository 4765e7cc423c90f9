import { LstmdError } from '../../base/errors.js';
import type { RecordKind } from '../prediction/record.js';

/** Topics of one stream. */
export interface StreamTopics extends Readonly<Record<RecordKind, string>> {
  /** Records of either kind that waited on disk. */
  readonly history: string;
  /** Retained: the last prediction, and the state of each event. */
  readonly now: string;
  /** Retained. */
  readonly info: string;
  /** Retained. */
  readonly health: string;
}

/** Every topic of a device: `<prefix>/<device>/...`. */
export class Topics {
  /** Retained, and the last will: `online` or `offline`. */
  readonly status: string;
  /** Retained. */
  readonly health: string;
  readonly #base: string;
  readonly #streams = new Map<string, StreamTopics>();

  /**
   * @param prefix one or more levels, such as `lstmd` or `plant/hall-3`
   * @param device one level
   * @throws LstmdError `config.invalid` naming what cannot be a topic
   */
  constructor(prefix: string, device: string) {
    for (const level of prefix.split('/')) {
      checkLevel('mqtt.prefix', prefix, level);
    }
    // MQTT 5, 4.7.2: topics that begin with $ are the broker's own.
    if (prefix.startsWith('$')) {
      throw invalid('mqtt.prefix', prefix, 'a topic must not begin with $');
    }
    checkLevel('device', device, device);
    this.#base = `${prefix}/${device}`;
    this.status = `${this.#base}/status`;
    this.health = `${this.#base}/health`;
  }

  /** The filter of the commands to the device: `<base>/cmd/+`. */
  get commands(): string {
    return `${this.#base}/cmd/+`;
  }

  /** The topic of the answers to a command. */
  commandResult(name: string): string {
    return `${this.#base}/cmd/${name}/result`;
  }

  /** Returns whether a topic is one of the device's own, but those below `cmd`. */
  isOwn(topic: string): boolean {
    return topic.startsWith(`${this.#base}/`) && !topic.startsWith(`${this.#base}/cmd/`);
  }

  /** The topics of a stream, made once. `cmd` is no stream: commands arrive below it. */
  stream(name: string): StreamTopics {
    let topics = this.#streams.get(name);
    if (topics === undefined) {
      const base = `${this.#base}/${name}`;
      topics = {
        prediction: `${base}/prediction`,
        event: `${base}/event`,
        history: `${base}/history`,
        now: `${base}/now`,
        info: `${base}/info`,
        health: `${base}/health`,
      };
      this.#streams.set(name, topics);
    }
    return topics;
  }
}

function checkLevel(what: string, value: string, level: string): void {
  if (level === '') {
    throw invalid(what, value, 'a topic level must not be empty');
  }
  if (/[+#/\0]/.test(level)) {
    throw invalid(what, value, 'a topic level must not hold +, #, / or NUL');
  }
}

function invalid(what: string, value: string, why: string): LstmdError {
  return new LstmdError('config.invalid', `${what} "${value}": ${why}`, {
    at: what.split('.'),
  });
}
