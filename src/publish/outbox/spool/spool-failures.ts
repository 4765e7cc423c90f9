import { messageOf } from '../../../base/errors.js';
import { FailureCount } from '../../../base/failure-count.js';
import type { Log } from '../../../base/log.js';

export interface SpoolFailuresOptions {
  /** The folder and the bound of its files, for the messages. */
  readonly directory: string;
  readonly maxBytes: number;
  readonly log: Log;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs: () => number;
}

/** Counts what fails in the spool, and logs it once a minute at most. */
export class SpoolFailures {
  readonly #options: SpoolFailuresOptions;
  readonly #access: FailureCount;
  readonly #removal: FailureCount;
  readonly #loss: FailureCount;
  #unsaidLosses = 0;

  constructor(options: SpoolFailuresOptions) {
    this.#options = options;
    this.#access = new FailureCount(options.monotonicMs);
    this.#removal = new FailureCount(options.monotonicMs);
    this.#loss = new FailureCount(options.monotonicMs);
  }

  get total(): number {
    return this.#access.total + this.#removal.total;
  }

  /** Records or accounts could not be written or read. */
  failed(error: unknown, message = 'records cannot be kept on disk: they wait in memory'): void {
    if (!this.#access.failed()) {
      return;
    }
    const { directory, log } = this.#options;
    log.error({ directory, error: messageOf(error), failures: this.#access.total }, message);
  }

  /** Something was written. */
  succeeded(): void {
    if (this.#access.succeeded() === 0) {
      return;
    }
    const { directory, log } = this.#options;
    log.info({ directory, failures: this.#access.total }, 'records can be kept on disk again');
  }

  /** Records that were on disk are there no more. */
  recordsLost(records: number, isRemoved: boolean): void {
    this.#unsaidLosses += records;
    if (!this.#loss.failed()) {
      return;
    }
    const { directory, log } = this.#options;
    const why = isRemoved ? 'somebody removed their file' : 'their file is damaged';
    log.error(
      { directory, lost: this.#unsaidLosses },
      `records that waited on disk are lost: ${why}`,
    );
    this.#unsaidLosses = 0;
  }

  /** A settled file could not be removed. */
  removalFailed(error: unknown): void {
    if (!this.#removal.failed()) {
      return;
    }
    const { directory, maxBytes, log } = this.#options;
    log.error(
      { directory, error: messageOf(error), failures: this.#removal.total },
      `a file of records that are settled cannot be removed: the folder may grow beyond outbox.maxBytes (${maxBytes})`,
    );
  }
}
