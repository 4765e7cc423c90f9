import type { Log } from '#src/base/log.js';
import type { FileSystem } from '#src/platform/file-system.js';
import { Accounts } from '#src/publish/outbox/contract/accounts.js';
import type { OutboxRecord, OverflowPolicy } from '#src/publish/outbox/contract/record.js';
import { Outbox } from '#src/publish/outbox/outbox.js';
import { Spool } from '#src/publish/outbox/spool/spool.js';
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

/** An outbox with a disk, whose clock stands still unless a test sets it forward. */
export class DiskOutbox {
  readonly outbox: Outbox;
  readonly afterMs = 10_000;
  nowMs = 0;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(options: DiskOutboxOptions) {
    const { epochMs = 1_763_880_000_000, maxAgeMs = 1e9, policy = 'drop-oldest' } = options;
    const accounts = new Accounts();
    const monotonicMs = (): number => this.nowMs;
    const spool = new Spool({
      directory: options.directory ?? '/state/outbox',
      fileSystem: this.#watched(options.fileSystem),
      maxBytes: options.maxBytes ?? 32 * 1024 * 1024,
      maxAgeMs,
      policy,
      bytesPerDay: options.bytesPerDay ?? 1e12,
      accounts,
      log: options.log ?? silentLog,
      onReady: () => {},
      clock: {
        epochMs: () => epochMs + this.nowMs,
        bootMs: monotonicMs,
        bootId: null,
        isRight: () => true,
      },
    });
    this.outbox = new Outbox({
      maxBytes: options.memoryBytes ?? 8 * 1024 * 1024,
      maxAgeMs,
      policy,
      accounts,
      monotonicMs,
      now: () => epochMs + this.nowMs,
      disk: { spool, afterMs: this.afterMs, historyPerSecond: options.historyPerSecond ?? 1e6 },
    });
  }

  /** Sets the clock so far forward that what waits is written, and waits for that. */
  async spill(): Promise<void> {
    this.nowMs += this.afterMs;
    await this.outbox.tick();
  }

  /** Takes one record, even if it has to be read from disk first. */
  async take(): Promise<OutboxRecord | undefined> {
    const record = this.outbox.take();
    if (record !== undefined) {
      return record;
    }
    await this.#read();
    return this.outbox.take();
  }

  /** Takes all there is; a record for which `deliver` is true is delivered, any other stays in flight. */
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
      // The rate of the history allows what comes in a tenth of a second at once.
      this.nowMs += 100;
      await this.#read();
    }
    return taken;
  }

  /** Waits for the end of a read that was begun. */
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
