import type { StreamHealth } from './stream-health.js';

/** The lines or frames of a sensor that were not read as rows, by reason: the decoder's counters of all else. */
export function unreadCounts({ sensor }: StreamHealth): Readonly<Record<string, number>> {
  const { bytes: _, rows: __, ...unread } = sensor['decoder'] ?? {};
  return unread;
}
