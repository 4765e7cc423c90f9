import type { DropReason } from './record.js';

/** Where the records of a device went. What was produced is delivered, pending or dropped. */
export class Accounts {
  produced = 0;
  delivered = 0;
  readonly dropped: Record<DropReason, number> = {
    overflow: 0,
    expired: 0,
    tooLarge: 0,
    refused: 0,
    lost: 0,
  };

  settle(outcome: 'delivered' | DropReason, count = 1): void {
    if (outcome === 'delivered') {
      this.delivered += count;
    } else {
      this.dropped[outcome] += count;
    }
  }
}
