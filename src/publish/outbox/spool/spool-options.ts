import type { Log } from '../../../base/log.js';
import type { FileSystem } from '../../../platform/file-system.js';
import type { MachineClock } from '../../../platform/machine-clock.js';
import type { Accounts } from '../contract/accounts.js';
import type { OverflowPolicy } from '../contract/record.js';

/** The files of a spool, their bounds, and what it stands on. */
export interface SpoolOptions {
  /** The folder of the files, which nothing else may use; it is made where it is absent. */
  readonly directory: string;
  readonly fileSystem: FileSystem;
  /** Bound of the files. */
  readonly maxBytes: number;
  /** A record that is older is dropped. */
  readonly maxAgeMs: number;
  readonly policy: OverflowPolicy;
  /** Bound of what is written, for the flash's sake. */
  readonly bytesPerDay: number;
  readonly accounts: Accounts;
  readonly log: Log;
  /** Called when records can be taken that were not in memory before. */
  readonly onReady: () => void;
  readonly clock: MachineClock;
}
