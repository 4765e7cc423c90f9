import { LstmdError } from './errors.js';

/** Takes a fault. It throws it, or keeps it where all faults of something are wanted. */
export type FaultReport = (fault: LstmdError) => void;

/** The report of whoever stops at the first fault. */
export const raise: FaultReport = (fault) => {
  throw fault;
};

/**
 * Makes something, and reports why it cannot be made.
 *
 * @returns undefined where it was reported
 * @throws any error that is no fault of what was given
 */
export function attempt<T>(report: FaultReport, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof LstmdError)) {
      throw error;
    }
    report(error);
    return undefined;
  }
}
