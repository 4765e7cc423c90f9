import type { RecordSource } from '../outbox/contract/publisher.js';
import type { OutboxRecord } from '../outbox/contract/record.js';

/** The largest expiry interval that MQTT 5 can express. */
const maxExpirySeconds = 0xffff_ffff;

/** A record that waited for less is worth as much as a new one: the broker is not told when its time is over. */
const worthExpiryMs = 1000;

/**
 * The rest of the life of a record that has waited, for the broker to end it where the outbox would have; 0 for a new
 * one, of which properties on each packet would be half of the cost.
 */
export function expirySecondsOf(
  record: OutboxRecord,
  records: Pick<RecordSource, 'timeLeftMs' | 'maxAgeMs'>,
): number {
  const leftMs = records.timeLeftMs(record);
  if (!record.isHistory && records.maxAgeMs - leftMs < worthExpiryMs) {
    return 0;
  }
  return Math.min(maxExpirySeconds, Math.max(1, Math.ceil(leftMs / 1000)));
}
