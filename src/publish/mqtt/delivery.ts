import type { OutboxRecord } from '../outbox/contract/record.js';
import type { RetainedValue } from './retained-values.js';

/** Something that is on its way to the broker. */
export type Delivery = OutboxRecord | RetainedValue;
