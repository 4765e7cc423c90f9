import type { Outcome } from '../contract/accounts.js';
import type { OutboxRecord } from '../contract/record.js';

interface TakenRecord {
  record: OutboxRecord;
  state: 'inFlight' | 'toResend' | Outcome;
}

/**
 * The records that were taken from the log and are not settled yet. Outcomes are counted in the order of
 * taking, whatever order they come in, so that one position, the floor, says up to where the log is settled.
 */
export class TakenRecords {
  readonly #taken: TakenRecord[] = [];
  readonly #settle: (outcome: Outcome) => void;
  #floor = 0;

  /** @param settle told of each outcome, in the order of taking */
  constructor(settle: (outcome: Outcome) => void) {
    this.#settle = settle;
  }

  get length(): number {
    return this.#taken.length;
  }

  /** Every record up to this position is settled, or was dropped unread. */
  get floor(): number {
    return this.#floor;
  }

  raiseFloor(position: number): void {
    this.#floor = Math.max(this.#floor, position);
  }

  /** Takes in a record, which is in flight from now on. */
  add(record: OutboxRecord): void {
    this.#taken.push({ record, state: 'inFlight' });
  }

  /**
   * The oldest record that has to be sent again, which is in flight from now on; undefined where none has.
   *
   * @param redated gives it as it is to be sent now
   */
  nextToResend(redated: (record: OutboxRecord) => OutboxRecord): OutboxRecord | undefined {
    const taken = this.#taken.find(({ state }) => state === 'toResend');
    if (taken !== undefined) {
      taken.state = 'inFlight';
      taken.record = redated(taken.record);
    }
    return taken?.record;
  }

  /** Notes what became of a record. One that is not in flight is left alone. */
  end(record: OutboxRecord, outcome: Outcome): void {
    const taken = this.#taken.find((other) => other.record === record);
    if (taken?.state !== 'inFlight') {
      return;
    }
    taken.state = outcome;
    for (;;) {
      const [first] = this.#taken;
      if (first === undefined || first.state === 'inFlight' || first.state === 'toResend') {
        return;
      }
      this.#taken.shift();
      this.raiseFloor(first.record.number);
      this.#settle(first.state);
    }
  }

  /** The connection is lost: whatever is in flight has to be sent again. */
  requeue(): void {
    for (const taken of this.#taken) {
      if (taken.state === 'inFlight') {
        taken.state = 'toResend';
      }
    }
  }

  get inFlight(): number {
    return this.#taken.filter(({ state }) => state === 'inFlight').length;
  }
}
