import type { Log } from '../base/log.js';

/** The saved states and the undelivered records of an agent that stopped. */
export interface StopReport {
  /** Samples in each stream's saved state; null where it could not be saved. */
  readonly saved: Readonly<Record<string, number | null>>;
  /** Records that were not delivered in time: they are on disk, or counted as dropped. */
  readonly undelivered: number;
}

/**
 * Says in the log what a stop has kept, and as an error where records were lost.
 *
 * @param lost records that could be neither delivered nor kept; undefined where nobody knows
 */
export function tellStop(report: StopReport, lost: number | undefined, log: Log): void {
  if (lost === undefined || lost > 0) {
    log.error(
      { ...report, lost },
      `stopped, and records were lost: ${lost ?? 'an unknown number'} could be neither delivered nor kept on disk`,
    );
  } else {
    log.info(report, 'stopped');
  }
}
