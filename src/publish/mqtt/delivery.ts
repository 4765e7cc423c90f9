import type { OutboxRecord } from '../outbox/contract/record.js';
import type { RetainedValue } from './retained-values.js';

/** An answer to a command: it goes once, and whoever misses it asks again with the same id. */
export interface CommandAnswer {
  readonly topic: string;
  readonly payload: string;
  /** The request's correlation data, as a property; empty for none. */
  readonly properties: Buffer;
}

/** Something that is on its way to the broker. */
export type Delivery = OutboxRecord | RetainedValue | CommandAnswer;
