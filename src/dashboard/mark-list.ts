import { isObject } from '../base/json.js';
import type { Mark } from './messages.js';

/** So many are kept: a page has no room for more. */
const mostMarks = 200;

/** The newest marks of a stream: its events, gaps and starts. */
export class MarkList {
  readonly #marks: Mark[] = [];
  /** Marks that were ever added. */
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(mark: Mark): void {
    this.#marks.push(mark);
    this.#count += 1;
    if (this.#marks.length > mostMarks) {
      this.#marks.shift();
    }
  }

  /**
   * Adds an event.
   *
   * @param payload that of its record
   */
  addEvent(payload: string): void {
    const event: unknown = JSON.parse(payload);
    if (isObject(event) && typeof event['ts'] === 'number') {
      const name = event['label'] ?? event['event'];
      if (typeof name !== 'string') {
        return;
      }
      this.add({ at: event['ts'], what: 'event', name, isOn: event['state'] === 'on' });
    }
  }

  /** The marks from this number on, as far as they are still there. */
  since(count: number): readonly Mark[] {
    const missing = Math.min(this.#count - count, this.#marks.length);
    return missing <= 0 ? [] : this.#marks.slice(-missing);
  }
}
