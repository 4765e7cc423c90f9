import { recordKinds } from '../prediction/record.js';
import type { Accounts } from './contract/accounts.js';
import type { MemoryQueue } from './memory/memory-queue.js';
import type { Spool } from './spool/spool.js';

export interface DiskWriterOptions {
  readonly spool: Spool;
  readonly queue: MemoryQueue;
  readonly accounts: Accounts;
  /** Once the oldest record has waited so long, all that wait go to disk. */
  readonly afterMs: number;
  /** Over this many waiting bytes all go to disk. */
  readonly highBytes: number;
  /** Called after each round of writing. */
  readonly onReady: () => void;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs: () => number;
}

const tickMs = 1000;
/** How old the accounts on disk may get while history is delivered: a kill has that much sent again. */
const settledAccountsMs = 10_000;
/** How old they may get while nothing but new records is delivered: a kill leaves that much uncounted. */
const idleAccountsMs = 60_000;
/** How long a file that somebody removed may be counted as waiting. */
const lookEveryMs = 5000;

/** Takes records from memory to the spool when they have waited long or are many, and has accounts written. */
export class DiskWriter {
  readonly #options: DiskWriterOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;
  #working: Promise<void> | undefined;
  /** The moment before which nothing is tried again after a failure, monotonic milliseconds. */
  #retryMs = -Infinity;
  /** When the accounts were last written, and how many records had been produced and delivered then. */
  #accountsMs = -Infinity;
  #accountsOf = 0;
  /** When it was last looked whether the files are all there, monotonic milliseconds. */
  #lookedMs = -Infinity;

  constructor(options: DiskWriterOptions) {
    this.#options = options;
  }

  /** Opens the spool and writes what is due once a second. A disk that cannot be read is tried again later. */
  async start(): Promise<void> {
    if (this.#isStarted) {
      return;
    }
    this.#isStarted = true;
    await this.#options.spool.open();
    this.#accountsWritten();
    this.#timer = setInterval(() => void this.tick(), tickMs);
    this.#timer.unref();
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  get isWriting(): boolean {
    return this.#working !== undefined;
  }

  /** Writes what is due; where that is being done, waits for its end. Does not throw. */
  tick(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  /** Begins no more rounds, and waits for the one that is under way. */
  async pause(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }

  /**
   * Puts all that waits on disk, and the accounts as the last thing. Does not throw.
   *
   * @returns how many records could not be written, and are counted as lost
   */
  async finish(): Promise<number> {
    const { spool, queue } = this.#options;
    await this.#spill();
    const lost = queue.giveUp();
    await spool.saveLastAccounts();
    await spool.removeSettled();
    spool.close();
    return lost;
  }

  async #work(): Promise<void> {
    const { spool, afterMs, monotonicMs, onReady } = this.#options;
    if (!this.#isStarted || monotonicMs() < this.#retryMs) {
      return;
    }
    const isOpen = await spool.open();
    const waits = spool.history.pending > 0;
    if (isOpen && waits && monotonicMs() - this.#lookedMs >= lookEveryMs) {
      this.#lookedMs = monotonicMs();
      await spool.giveUpRemoved();
    }
    const isWritten = isOpen && (await this.#writeDue());
    if (!isWritten) {
      this.#retryMs = monotonicMs() + afterMs;
    }
    await spool.removeSettled();
    onReady();
  }

  /** False where what is due could not be written. */
  async #writeDue(): Promise<boolean> {
    const { spool, queue, afterMs, highBytes, monotonicMs } = this.#options;
    spool.history.expire();
    const isDue = monotonicMs() - queue.oldestMs >= afterMs || queue.waitingBytes > highBytes;
    return isDue ? this.#spill() : this.#saveAccounts();
  }

  /** Puts on disk what waits now; false where it could not be. */
  async #spill(): Promise<boolean> {
    const { spool, queue } = this.#options;
    const last = queue.offered;
    for (const kind of recordKinds) {
      for (;;) {
        const batch = queue.takeBatch(kind, last, spool.segmentBytes);
        if (batch.length === 0) {
          break;
        }
        if (!(await spool.append(kind, batch))) {
          queue.putBack(batch);
          return false;
        }
        queue.written(batch);
        this.#accountsWritten();
      }
    }
    return true;
  }

  /** Writes the accounts by themselves if they are due; false where they could not be written. */
  async #saveAccounts(): Promise<boolean> {
    const { spool, accounts, monotonicMs } = this.#options;
    const ageMs = monotonicMs() - this.#accountsMs;
    const isDue = spool.hasSettled
      ? ageMs >= settledAccountsMs
      : ageMs >= idleAccountsMs && accounts.produced + accounts.delivered !== this.#accountsOf;
    if (!isDue) {
      return true;
    }
    const isWritten = await spool.saveAccounts();
    if (isWritten) {
      this.#accountsWritten();
    }
    return isWritten;
  }

  #accountsWritten(): void {
    const { accounts, monotonicMs } = this.#options;
    this.#accountsMs = monotonicMs();
    this.#accountsOf = accounts.produced + accounts.delivered;
  }
}
