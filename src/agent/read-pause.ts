import type { Publisher } from '../publish/outbox/contract/publisher.js';
import type { Outbox } from '../publish/outbox/outbox.js';

/** A sensor that can be held for a while: what comes waits in the system. */
export interface HeldSensor {
  /** It may be held for so long, milliseconds, without a loss; 0 where it cannot be held. */
  readonly pauseMs: number;
  pause(): void;
  resume(): void;
}

/** Fewer samples in one block are those of a sensor that is read as they come, and whose times are those of the reading. */
const fewSamples = 16;
/** More new records than that do not wait or are in flight while the broker takes them. */
const mostUnsent = 256;

/**
 * Holds the sensors that send faster than the broker takes records: the time of the loop goes to what waits, instead of to
 * samples whose records would be dropped. Each pause is short enough that a sensor that does not wait loses nothing by it.
 */
export class ReadPause {
  readonly #outbox: Outbox;
  readonly #publisher: Publisher;
  readonly #held = new Map<HeldSensor, NodeJS.Timeout>();

  /** @param outbox calls `end` when no new record waits any more */
  constructor(outbox: Outbox, publisher: Publisher) {
    this.#outbox = outbox;
    this.#publisher = publisher;
  }

  /** A block of so many samples of a sensor was stepped. */
  stepped(samples: number, sensor: HeldSensor): void {
    const isBehind = samples >= fewSamples && this.#outbox.unsent > mostUnsent;
    // Without a broker records wait whatever is read, and go to disk.
    if (!isBehind || this.#held.has(sensor) || !this.#publisher.stats.connected) {
      return;
    }
    const { pauseMs } = sensor;
    if (pauseMs > 0) {
      this.#outbox.awaitDrain();
      sensor.pause();
      this.#held.set(
        sensor,
        setTimeout(() => this.#resume(sensor), pauseMs),
      );
    }
  }

  /** All go on. */
  end(): void {
    for (const sensor of this.#held.keys()) {
      this.#resume(sensor);
    }
  }

  #resume(sensor: HeldSensor): void {
    clearTimeout(this.#held.get(sensor));
    this.#held.delete(sensor);
    sensor.resume();
  }
}
