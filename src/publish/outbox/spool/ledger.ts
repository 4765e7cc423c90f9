import type { Accounts } from '../accounts.js';

/** The accounts at a moment, as they are written into the log; all whole numbers. */
export interface Ledger {
  /** The highest of all that are found counts. */
  readonly sequence: number;
  /** 1 when nothing came after it: the process stopped of itself. */
  readonly clean: number;
  /** Ends of a process that did not stop of itself. */
  readonly uncleanEnds: number;
  readonly produced: number;
  readonly delivered: number;
  readonly overflow: number;
  readonly expired: number;
  readonly tooLarge: number;
  readonly refused: number;
  readonly lost: number;
  /** Records of the log up to this position are in the accounts above, not pending. */
  readonly eventFloor: number;
  readonly predictionFloor: number;
}

export const emptyLedger: Ledger = {
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
};

/**
 * Takes over what an earlier process left: its accounts, and the records of its log that still wait.
 * What it had produced and is neither settled nor found was in its memory, or is no longer readable:
 * lost. Should there be more than it knew of, some came back (a write that failed and yet arrived, a
 * file that was not readable once), and what they were counted as is taken back.
 *
 * @param highest number of a record in the log
 */
export function inherit(
  accounts: Accounts,
  ledger: Ledger,
  highest: number,
  pending: number,
): { readonly produced: number; readonly newlyLost: number } {
  const { delivered, overflow, expired, tooLarge, refused, lost } = ledger;
  // A cut between a batch and the ledger behind it leaves records that the last one does not know.
  const produced = Math.max(ledger.produced, highest);
  const missing = produced - delivered - overflow - expired - tooLarge - refused - lost - pending;
  const lostAgain = Math.min(lost, Math.max(0, -missing));
  accounts.produced += produced;
  accounts.delivered += delivered - (Math.max(0, -missing) - lostAgain);
  accounts.settle('overflow', overflow);
  accounts.settle('expired', expired);
  accounts.settle('tooLarge', tooLarge);
  accounts.settle('refused', refused);
  accounts.settle('lost', lost - lostAgain + Math.max(0, missing));
  return { produced, newlyLost: Math.max(0, missing) };
}
