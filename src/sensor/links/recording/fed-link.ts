import type { HeldTime } from '../../time/held-time.js';
import type { CloseReason, Link, LinkSink } from '../link.js';

/** A link whose bytes another part feeds it, each with the clocks' readings of when it arrived. */
export class FedLink implements Link {
  readonly counters = { opens: 0, hangUps: 0, silences: 0, bytes: 0 };
  /** What was asked, and given up, is fed as well. */
  readonly isAskedFor = true;
  readonly #time: HeldTime;
  #sink: LinkSink | undefined;

  /** @param time is set to the readings before the sink is called */
  constructor(time: HeldTime) {
    this.#time = time;
  }

  start(sink: LinkSink): void {
    this.#sink = sink;
  }

  opened(path: string, atMs: number): void {
    this.#time.hold(atMs);
    this.counters.opens += 1;
    this.#sink?.opened(path);
  }

  /** @returns true when a row ended in the bytes */
  bytes(chunk: Uint8Array, atMs: number, epochMs: number): boolean {
    this.#time.hold(atMs, epochMs);
    this.counters.bytes += chunk.length;
    return this.#sink?.bytes(chunk, atMs) ?? false;
  }

  asked(atMs: number): void {
    this.#time.hold(atMs);
    this.#sink?.asked?.();
  }

  gaveUp(atMs: number, epochMs: number): void {
    this.#time.hold(atMs, epochMs);
    this.#sink?.gaveUp?.(atMs);
  }

  closed(reason: CloseReason): void {
    this.counters[reason === 'silent' ? 'silences' : 'hangUps'] += 1;
    this.#sink?.closed(reason);
  }

  unavailable(message: string): void {
    this.#sink?.unavailable(message);
  }

  /** Nobody is there to be written to. */
  write(): void {}

  stop(): Promise<void> {
    this.#sink = undefined;
    return Promise.resolve();
  }
}
