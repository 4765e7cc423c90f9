import type { DropReason } from './record.js';

/** The end of a record. */
export type Outcome = 'delivered' | DropReason;

/**
 * The counts of a device's records, over all of its processes. Each record that was produced was
 * delivered, was dropped, or is pending.
 */
export class Accounts {
  produced = 0;
  delivered = 0;
  readonly dropped: Record<DropReason, number> = {
    overflow: 0,
    expired: 0,
    tooLarge: 0,
    refused: 0,
    lost: 0,
    unconfirmed: 0,
  };

  /** Counts the end of so many records. */
  settle(outcome: Outcome, count = 1): void {
    if (outcome === 'delivered') {
      this.delivered += count;
    } else {
      this.dropped[outcome] += count;
    }
  }
}
