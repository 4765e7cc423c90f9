import type { RecordKind } from '../../prediction/record.js';
import type { Accounts } from '../contract/accounts.js';

/** The accounts of a moment, as they are written into the log. All are whole numbers, in this order. */
export interface SavedAccounts {
  /** Rises with each that is written: the highest of all that are found counts. */
  readonly sequence: number;
  /** 1 where the process stopped of itself after it wrote these, else 0. */
  readonly clean: number;
  /** How many processes ended without having stopped of themselves. */
  readonly uncleanEnds: number;
  readonly produced: number;
  readonly delivered: number;
  readonly overflow: number;
  readonly expired: number;
  readonly tooLarge: number;
  readonly refused: number;
  readonly lost: number;
  /** Logged events up to this position are in the counts above: they are not pending. */
  readonly eventFloor: number;
  /** Logged predictions up to this position are in the counts above: they are not pending. */
  readonly predictionFloor: number;
  /** Earlier versions had these in `lost`. */
  readonly unconfirmed: number;
}

/** The accounts where none were ever written. */
export const noSavedAccounts: SavedAccounts = {
  sequence: 0,
  clean: 1,
  uncleanEnds: 0,
  produced: 0,
  delivered: 0,
  overflow: 0,
  expired: 0,
  tooLarge: 0,
  refused: 0,
  lost: 0,
  eventFloor: 0,
  predictionFloor: 0,
  unconfirmed: 0,
};

/** The position up to which the logged records of a kind are settled. */
export function floorOf(accounts: SavedAccounts, kind: RecordKind): number {
  return kind === 'event' ? accounts.eventFloor : accounts.predictionFloor;
}

/**
 * Adds to the accounts of this process what an earlier one left: its counts, and the records of its log
 * that still wait. A record that it had produced, and that is neither settled nor found, was in its memory where
 * it did not stop of itself, so that nobody knows what became of it; where it did, the record is no longer readable,
 * and lost. Where more records are found than it knew of, some came back
 * (a write that failed and yet arrived, or a file that could not be read once), and the outcome that they
 * were counted with is taken back.
 *
 * @param highest the highest number of a record in the log
 * @param pending logged records that wait
 */
export function takeOver(
  accounts: Accounts,
  saved: SavedAccounts,
  highest: number,
  pending: number,
): { readonly produced: number; readonly missing: number } {
  const { delivered, overflow, expired, tooLarge, refused, lost, unconfirmed } = saved;
  // A power cut between a batch and the accounts behind it leaves records that no accounts know.
  const produced = Math.max(saved.produced, highest);
  const settled = delivered + overflow + expired + tooLarge + refused + lost + unconfirmed;
  const missing = Math.max(0, produced - settled - pending);
  const excess = Math.max(0, settled + pending - produced);
  const fromUnconfirmed = Math.min(unconfirmed, excess);
  const fromLost = Math.min(lost, excess - fromUnconfirmed);
  const outcome = saved.clean === 1 ? 'lost' : 'unconfirmed';
  accounts.produced += produced;
  accounts.delivered += delivered - (excess - fromUnconfirmed - fromLost);
  accounts.settle('overflow', overflow);
  accounts.settle('expired', expired);
  accounts.settle('tooLarge', tooLarge);
  accounts.settle('refused', refused);
  accounts.settle('lost', lost - fromLost);
  accounts.settle('unconfirmed', unconfirmed - fromUnconfirmed);
  accounts.settle(outcome, missing);
  return { produced, missing };
}
