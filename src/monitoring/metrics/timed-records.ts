import type { RecordSource } from '../../publish/outbox/contract/publisher.js';

/**
 * A source of records that tells how long each took from when it was made to its acknowledgement.
 *
 * @param nowMs the clock by which records are made, milliseconds
 * @param took called for each record that is delivered and did not wait on disk, with milliseconds
 */
export function timedRecords(
  source: RecordSource,
  nowMs: () => number,
  took: (elapsedMs: number) => void,
): RecordSource {
  return {
    take: (isOpen) => source.take(isOpen),
    delivered: (record) => {
      if (!record.isHistory) {
        took(nowMs() - record.madeMs);
      }
      source.delivered(record);
    },
    drop: (record, reason) => source.drop(record, reason),
    requeue: () => source.requeue(),
    timeLeftMs: (record) => source.timeLeftMs(record),
    maxAgeMs: source.maxAgeMs,
    get unsent() {
      return source.unsent;
    },
  };
}
