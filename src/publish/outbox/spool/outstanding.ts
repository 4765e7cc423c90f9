import type { DropReason, OutboxRecord } from '../record.js';

type Outcome = 'delivered' | DropReason;

interface Taken {
  readonly record: OutboxRecord;
  state: 'inFlight' | 'again' | Outcome;
}

/**
 * What was taken from the log and is not settled. Outcomes are counted in the order of taking,
 * so that one position says up to where the log is settled.
 */
export class Outstanding {
  readonly #taken: Taken[] = [];
  readonly #settle: (outcome: Outcome) => void;
  #floor = 0;

  /** @param settle told of each outcome, in the order of taking */
  constructor(settle: (outcome: Outcome) => void) {
    this.#settle = settle;
  }

  get length(): number {
    return this.#taken.length;
  }

  /** Everything up to this position is settled, or was dropped unread. */
  get floor(): number {
    return this.#floor;
  }

  raiseFloor(position: number): void {
    this.#floor = Math.max(this.#floor, position);
  }

  add(record: OutboxRecord): void {
    this.#taken.push({ record, state: 'inFlight' });
  }

  /** The oldest that has to be sent again, which is in flight from now on. */
  again(): OutboxRecord | undefined {
    const taken = this.#taken.find(({ state }) => state === 'again');
    if (taken !== undefined) {
      taken.state = 'inFlight';
    }
    return taken?.record;
  }

  /** The end of a record; false where it was not in flight. */
  end(record: OutboxRecord, outcome: Outcome): boolean {
    const taken = this.#taken.find((other) => other.record === record);
    if (taken?.state !== 'inFlight') {
      return false;
    }
    taken.state = outcome;
    for (;;) {
      const [first] = this.#taken;
      if (first === undefined || first.state === 'inFlight' || first.state === 'again') {
        return true;
      }
      this.#taken.shift();
      this.raiseFloor(first.record.number);
      this.#settle(first.state);
    }
  }

  /** The connection is gone: what was in flight has to be sent again. */
  requeue(): void {
    for (const taken of this.#taken) {
      if (taken.state === 'inFlight') {
        taken.state = 'again';
      }
    }
  }

  get inFlight(): number {
    return this.#taken.filter(({ state }) => state === 'inFlight').length;
  }
}
