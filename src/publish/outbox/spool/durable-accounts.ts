import type { RecordKind } from '../../prediction/record.js';
import type { Accounts } from '../contract/accounts.js';
import { floorOf, noSavedAccounts, takeOver, type SavedAccounts } from './saved-accounts.js';
import type { Series } from './series.js';

/** The accounts as the disk has them, and those that are to be written next. */
export class DurableAccounts {
  readonly #accounts: Accounts;
  #sequence = 0;
  #uncleanEnds = 0;
  #newest: SavedAccounts = noSavedAccounts;
  #newestIn: RecordKind | undefined;

  /** @param accounts the counts of all records, which become those of the device's whole life */
  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  /** How many processes ended without having stopped: what was in their memory is not known. */
  get uncleanEnds(): number {
    return this.#uncleanEnds;
  }

  /** In whose file the last accounts of this process are; undefined before the first. */
  get newestIn(): RecordKind | undefined {
    return this.#newestIn;
  }

  /** The position up to which the last accounts of this process say that a kind is settled. */
  floor(kind: RecordKind): number {
    return floorOf(this.#newest, kind);
  }

  /**
   * Takes over what an earlier process left.
   *
   * @param highestNumber of a record in the log
   * @param pending logged records that wait
   */
  takeOver(
    saved: SavedAccounts,
    highestNumber: number,
    pending: number,
  ): { readonly produced: number; readonly missing: number } {
    this.#sequence = saved.sequence;
    this.#uncleanEnds = saved.uncleanEnds + (saved.clean === 1 ? 0 : 1);
    return takeOver(this.#accounts, saved, highestNumber, pending);
  }

  /** The accounts of this moment, to be written; `isClean` where the process writes no others after them. */
  now(event: Series, prediction: Series, isClean: boolean): SavedAccounts {
    const { produced, delivered, dropped } = this.#accounts;
    this.#sequence += 1;
    return {
      ...dropped,
      sequence: this.#sequence,
      clean: isClean ? 1 : 0,
      uncleanEnds: this.#uncleanEnds,
      produced,
      delivered,
      eventFloor: event.taken.floor,
      predictionFloor: prediction.taken.floor,
    };
  }

  /** These accounts are on disk, behind records of this kind. */
  written(saved: SavedAccounts, kind: RecordKind): void {
    this.#newest = saved;
    this.#newestIn = kind;
  }
}
