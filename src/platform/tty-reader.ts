import { duringReads } from '../base/read-turn.js';
import { loadAddon, type NativeTtyPoll } from './addon.js';
import { ReadRest } from './read-rest.js';

/** The most that the kernel's line discipline gives in one read. */
export const readBytes = 4096;
/** More ttys than that, in one turn of the event loop, are told of in several calls. */
const mostAtOnce = 128;
/** Slot, bytes, and milliseconds since they were read. */
const fieldsEach = 3;

/**
 * Reads a tty that is open, configured and non-blocking, on the event loop: all that has arrived comes in one `read`, in
 * a buffer that is used again, and with one call from the addon for all ttys that have bytes. A stream of Node's for each
 * costs more where there are many. The poller of serialport costs three times as much, and can miss a hang-up for good.
 */
export class TtyReader {
  readonly #buffer = new Uint8Array(readBytes);
  readonly #slot: number;
  readonly #onBytes: (chunk: Uint8Array, arrivalMs: number) => void;
  readonly #closed: Promise<void>;
  #resolve: () => void = () => undefined;
  #chunk = this.#buffer;
  #isClosed = false;

  /**
   * @param fd is the caller's, who may close it at any time
   * @param onBytes called with a view of the one buffer and the time of the read, by `performance.now()`
   * @throws Error when the system cannot wait for the descriptor
   */
  constructor(fd: number, onBytes: (chunk: Uint8Array, arrivalMs: number) => void) {
    this.#onBytes = onBytes;
    this.#closed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#slot = readers.add(this, fd, this.#buffer);
  }

  /** Resolves when the far end hung up or `close` was called. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Reads no further until `resume`. */
  pause(): void {
    if (!this.#isClosed) {
      readers.poll.pause(this.#slot);
    }
  }

  resume(): void {
    if (!this.#isClosed) {
      readers.poll.resume(this.#slot);
    }
  }

  /** Stops reading. */
  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      readers.remove(this.#slot);
      this.#resolve();
    }
  }

  /** Takes that so many bytes were read into its buffer; none mean that the far end is gone. */
  take(count: number, arrivalMs: number): void {
    if (count === 0) {
      this.close();
      return;
    }
    // Lines are often as long as the one before, and a view costs more than to look.
    if (this.#chunk.length !== count) {
      this.#chunk = this.#buffer.subarray(0, count);
    }
    this.#onBytes(this.#chunk, arrivalMs);
  }
}

/** The readers of this thread, each at its slot of the one poll. */
class TtyReaders {
  readonly #ready = new Float64Array(fieldsEach * mostAtOnce);
  readonly #bySlot: (TtyReader | undefined)[] = [];
  readonly #rest = new ReadRest();
  #poll: NativeTtyPoll | undefined;

  get poll(): NativeTtyPoll {
    this.#poll ??= new (loadAddon().TtyPoll)((count) => {
      const nowMs = performance.now();
      duringReads(count, (n) => this.#give(n, nowMs));
      // A full call may not be the last one of its turn.
      return count === mostAtOnce ? 0 : this.#rest.after(nowMs);
    }, this.#ready);
    return this.#poll;
  }

  /** Reads from the next turn of the event loop on. */
  add(reader: TtyReader, fd: number, buffer: Uint8Array): number {
    const free = this.#bySlot.indexOf(undefined);
    const slot = free === -1 ? this.#bySlot.length : free;
    this.poll.add(slot, fd, buffer);
    this.#bySlot[slot] = reader;
    return slot;
  }

  remove(slot: number): void {
    this.poll.remove(slot);
    this.#bySlot[slot] = undefined;
  }

  #give(n: number, nowMs: number): void {
    const ready = this.#ready;
    const at = fieldsEach * n;
    const slot = ready[at] ?? -1;
    const reader = this.#bySlot[slot];
    if (reader !== undefined) {
      this.#rest.gave(slot);
      reader.take(ready[at + 1] ?? 0, nowMs - (ready[at + 2] ?? 0));
    }
  }
}

const readers = new TtyReaders();
