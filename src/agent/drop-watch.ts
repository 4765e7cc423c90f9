import type { Log } from '../base/log.js';
import { repeat } from '../base/repeat.js';
import type { DropReason } from '../publish/outbox/contract/record.js';

/** The accounts are looked at so often. */
const lookEveryMs = 1000;
/** After so many looks at which nothing more was dropped, what is dropped next is news again. */
const quietLooks = 60;

/**
 * Says in the log that records which waited for the broker are dropped, when that begins: for want of room, or for
 * their age. Those that the broker refuses are told of as it does.
 */
export class DropWatch {
  readonly #dropped: () => Readonly<Record<DropReason, number>>;
  readonly #log: Log;
  /** Dropped before the last look; undefined before the first one. */
  #seen: number | undefined;
  #quiet = quietLooks;
  #timer: NodeJS.Timeout | undefined;

  constructor(dropped: () => Readonly<Record<DropReason, number>>, log: Log) {
    this.#dropped = dropped;
    this.#log = log;
  }

  /** Looks at the accounts from now on; what was dropped before is no news. */
  start(): void {
    this.look();
    this.#timer = repeat(lookEveryMs, 'the look at the accounts', this.#log, () => this.look());
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks at the accounts; called again and again. */
  look(): void {
    const { overflow, expired } = this.#dropped();
    const seen = this.#seen ?? overflow + expired;
    this.#seen = overflow + expired;
    if (this.#seen === seen) {
      this.#quiet += 1;
      return;
    }
    if (this.#quiet >= quietLooks) {
      this.#log.warn(
        { overflow, expired },
        'records that waited for the broker are dropped, the oldest first: it is away for too long, or takes fewer than come (mqtt.outbox has the bounds; publish.every and publish.batch make fewer)',
      );
    }
    this.#quiet = 0;
  }
}
