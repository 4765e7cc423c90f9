import { sumOf } from '../base/sum-of.js';
import type { LiveStream } from './live-stream.js';
import type { Publisher } from '../publish/outbox/contract/publisher.js';
import type { Outbox } from '../publish/outbox/outbox.js';

export interface StatusSources {
  readonly streams: readonly Pick<LiveStream, 'health'>[];
  readonly outbox: Pick<Outbox, 'stats'>;
  readonly publisher: Pick<Publisher, 'stats'>;
}

/** The line that `systemctl status` shows of the running daemon: its sensors, their rate, and the records that wait. */
export class ServiceStatus {
  readonly #now: () => number;
  #steps = 0;
  #atMs: number;

  /** @param now time that never jumps, milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#atMs = now();
  }

  /** The line as it is now; the rate is that since the last one. */
  line({ streams, outbox, publisher }: StatusSources): string {
    const all = streams.map(({ health }) => health);
    const steps = all.reduce((sum, { steps: counted }) => sum + counted.steps, 0);
    const connected = all.filter((health) => health.connected).length;
    const nowMs = this.#now();
    const seconds = Math.max(nowMs - this.#atMs, 1) / 1000;
    // A stream of a device that went takes its steps along.
    const rate = Math.max(steps - this.#steps, 0) / seconds;
    this.#steps = steps;
    this.#atMs = nowMs;
    const broker = publisher.stats.connected ? 'broker connected' : 'no broker';
    const { pending, dropped } = outbox.stats;
    return `${connected} of ${all.length} sensors, ${rate.toFixed(1)} samples/s, ${broker}, outbox ${pending} pending, ${sumOf(dropped)} dropped`;
  }
}
