import { EventEmitter, once } from 'node:events';
import type { CloseReason, LinkSink } from '#src/sensor/links/link.js';

/** Records the events and bytes of a link in their order, for a test to wait for. */
export class RecordedLinkSink implements LinkSink {
  /** `opened`, `closed hungUp`, `unavailable ...`, and `bytes` once for each run of reads. */
  readonly events: string[] = [];
  text = '';
  /** Called after each event. */
  heard: (event: string) => void = () => undefined;
  /** Returns whether the link is told that a row ended in a chunk; a test may say when not. */
  isRow: (chunk: Uint8Array) => boolean = () => true;
  readonly #changed = new EventEmitter();

  opened(): void {
    this.#add('opened');
  }

  bytes(chunk: Uint8Array): boolean {
    this.text += Buffer.from(chunk).toString('latin1');
    if (this.events.at(-1) === 'bytes') {
      this.#changed.emit('change');
    } else {
      this.#add('bytes');
    }
    return this.isRow(chunk);
  }

  closed(reason: CloseReason): void {
    this.#add(`closed ${reason}`);
  }

  unavailable(message: string): void {
    this.#add(`unavailable ${message}`);
  }

  /** How often an event came. */
  count(event: string): number {
    return this.events.filter((each) => each.startsWith(event)).length;
  }

  /** Resolves as soon as the condition holds after an event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await once(this.#changed, 'change');
    }
  }

  #add(event: string): void {
    this.events.push(event);
    this.heard(event);
    this.#changed.emit('change');
  }
}
