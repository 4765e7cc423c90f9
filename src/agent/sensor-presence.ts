import type { Log } from '../base/log.js';
import { repeat } from '../base/repeat.js';
import type { LiveStream } from './live-stream.js';

/** Sensors are looked at so often: one that comes and goes all the time costs no more health than that. */
const lookEveryMs = 1000;

/** Tells of each stream when its sensor comes or goes: subscribers need not wait for the next health to know. */
export class SensorPresence {
  readonly #streams: readonly LiveStream[];
  readonly #changed: (stream: LiveStream) => void;
  readonly #log: Log;
  /** The streams whose sensor was there at the last look. */
  readonly #present = new WeakSet<LiveStream>();
  #timer: NodeJS.Timeout | undefined;

  /** @param streams those that run now, whenever it looks */
  constructor(streams: readonly LiveStream[], changed: (stream: LiveStream) => void, log: Log) {
    this.#streams = streams;
    this.#changed = changed;
    this.#log = log;
  }

  start(): void {
    this.#timer = repeat(lookEveryMs, 'the look at the sensors', this.#log, () => this.#look());
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const stream of this.#streams) {
      const { isConnected } = stream;
      if (isConnected === this.#present.has(stream)) {
        continue;
      }
      if (isConnected) {
        this.#present.add(stream);
      } else {
        this.#present.delete(stream);
      }
      this.#changed(stream);
    }
  }
}
