import { Accounts } from '#src/publish/outbox/accounts.js';
import { Backlog } from '#src/publish/outbox/spool/spool.js';
import { Outbox } from '#src/publish/outbox/outbox.js';
import type { OutboxRecord, OverflowPolicy } from '#src/publish/outbox/record.js';
import type { FileSystem } from '#src/platform/file-system.js';
import type { Log } from '#src/base/log.js';
import { silentLog } from './silent-log.js';

export interface DiskOutboxOptions {
  readonly fileSystem: FileSystem;
  readonly directory?: string;
  readonly memoryBytes?: number;
  readonly maxBytes?: number;
  readonly maxAgeMs?: number;
  readonly policy?: OverflowPolicy;
  readonly historyPerSecond?: number;
  readonly bytesPerDay?: number;
  readonly log?: Log;
  /** Wall time when the monotonic clock is at 0. */
  readonly epochMs?: number;
}

/** An outbox with a disk, whose clock stands still unless a test turns it. */
export class DiskOutbox {
  readonly outbox: Outbox;
  readonly afterMs = 10_000;
  nowMs = 0;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(options: DiskOutboxOptions) {
    const { epochMs = 1_763_880_000_000, maxAgeMs = 1e9, policy = 'drop-oldest' } = options;
    const accounts = new Accounts();
    const monotonicMs = (): number => this.nowMs;
    const backlog = new Backlog({
      directory: options.directory ?? '/state/outbox',
      fileSystem: this.#watched(options.fileSystem),
      maxBytes: options.maxBytes ?? 32 * 1024 * 1024,
      maxAgeMs,
      policy,
      bytesPerDay: options.bytesPerDay ?? 1e12,
      accounts,
      log: options.log ?? silentLog,
      monotonicMs,
      now: () => epochMs + this.nowMs,
    });
    this.outbox = new Outbox({
      maxBytes: options.memoryBytes ?? 8 * 1024 * 1024,
      maxAgeMs,
      policy,
      accounts,
      monotonicMs,
      disk: { backlog, afterMs: this.afterMs, historyPerSecond: options.historyPerSecond ?? 1e6 },
    });
  }

  /** Lets so much time pass that what waits is written. */
  async spill(): Promise<void> {
    this.nowMs += this.afterMs;
    await this.outbox.tick();
  }

  /** One record, even if it has to be read from disk first. */
  async take(): Promise<OutboxRecord | undefined> {
    const record = this.outbox.take();
    if (record !== undefined) {
      return record;
    }
    await this.#read();
    return this.outbox.take();
  }

  /** Everything that can be taken, each delivered as `deliver` says. */
  async drain(deliver: (record: OutboxRecord) => boolean = () => true): Promise<OutboxRecord[]> {
    const taken: OutboxRecord[] = [];
    for (let missed = 0; missed < 3 && this.outbox.pending > 0; missed += 1) {
      for (let record = this.outbox.take(); record !== undefined; record = this.outbox.take()) {
        taken.push(record);
        if (deliver(record)) {
          this.outbox.delivered(record);
        }
        missed = 0;
      }
      // The rate gives a tenth of a second's at once.
      this.nowMs += 100;
      await this.#read();
    }
    return taken;
  }

  /** Lets a read that was begun come to its end. */
  async #read(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.#reading;
    await new Promise((resolve) => setImmediate(resolve));
  }

  #watched(fileSystem: FileSystem): FileSystem {
    const read = (path: string): Promise<Uint8Array | null> => {
      const bytes = fileSystem.read(path);
      this.#reading = bytes.catch(() => {});
      return bytes;
    };
    return new Proxy(fileSystem, {
      get: (target, name: keyof FileSystem) => (name === 'read' ? read : target[name].bind(target)),
    });
  }

  /** produced - delivered - pending - dropped: always 0. */
  get unaccounted(): number {
    const { produced, delivered, pending, dropped } = this.outbox.stats;
    return produced - delivered - pending - Object.values(dropped).reduce((a, b) => a + b, 0);
  }
}
