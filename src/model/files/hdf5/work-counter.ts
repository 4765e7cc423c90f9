import { ownThreadId } from '../../../platform/thread-status.js';

const progressIndex = 0;
const threadIdIndex = 1;

/** Memory that a thread and its parent share: how far the thread is, and by which number Linux knows it. */
export class WorkCounter {
  readonly #cells: Int32Array;

  /** @param buffer of another `WorkCounter`, of which this one is the other end */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.#cells = new Int32Array(buffer);
  }

  get buffer(): SharedArrayBuffer {
    return this.#cells.buffer as SharedArrayBuffer;
  }

  /** Tells the parent which thread to look at; called in the thread before it does anything. */
  begin(): void {
    Atomics.store(this.#cells, threadIdIndex, ownThreadId() ?? 0);
  }

  /** Says that the thread came further. */
  raise(): void {
    Atomics.add(this.#cells, progressIndex, 1);
  }

  get progress(): number {
    return Atomics.load(this.#cells, progressIndex);
  }

  /** Null until the thread has begun, or where there is no /proc. */
  get threadId(): number | null {
    return Atomics.load(this.#cells, threadIdIndex) || null;
  }
}
