import { laneOf, type OutboxRecord, type RecordLane } from '../outbox/contract/record.js';
import { backoffMs, type BackoffOptions } from '../../mqtt-client/backoff.js';

interface Lane {
  /** Refused, in the order in which they are to be sent again. */
  readonly held: OutboxRecord[];
  /** Refusals in a row, but for those of records that were on their way together. */
  failures: number;
  pause: NodeJS.Timeout | undefined;
  /** The record that is sent alone to see whether the broker takes it now. */
  probe: OutboxRecord | undefined;
}

/**
 * The records of one connection that the broker has refused for a reason that may pass, such as a quota. Their
 * lane pauses; then one of them is sent, and if it is taken the others and all that is new follow. The
 * other lanes go on. At most a window of records is held: they count as in flight.
 */
export class RefusedRecords {
  readonly #backoff: BackoffOptions;
  readonly #resume: () => void;
  readonly #lanes = new Map<RecordLane, Lane>();

  /** @param resume called when a pause is over */
  constructor(backoff: BackoffOptions, resume: () => void) {
    this.#backoff = backoff;
    this.#resume = resume;
  }

  /** Returns whether new records of a lane may be sent. */
  isOpen(name: RecordLane): boolean {
    const lane = this.#lanes.get(name);
    return lane === undefined || (this.#isResumed(lane) && lane.held.length === 0);
  }

  /** A record was refused, and is held from now on. */
  refused(record: OutboxRecord): void {
    const lane = this.#lane(record);
    if (lane.probe === record) {
      lane.probe = undefined;
      lane.held.unshift(record);
    } else {
      lane.held.push(record);
    }
    if (lane.pause === undefined && lane.probe === undefined) {
      lane.failures += 1;
      lane.pause = setTimeout(
        () => {
          lane.pause = undefined;
          this.#resume();
        },
        backoffMs(lane.failures, this.#backoff),
      );
    }
  }

  /** A record was taken: if it was a probe, its lane is open again. */
  taken(record: OutboxRecord): void {
    const lane = this.#lanes.get(laneOf(record));
    if (lane?.probe === record) {
      lane.probe = undefined;
      lane.failures = 0;
    }
  }

  /** A held record that is to be sent now; undefined where there is none. */
  next(): OutboxRecord | undefined {
    for (const lane of this.#lanes.values()) {
      if (lane.pause !== undefined || lane.probe !== undefined) {
        continue;
      }
      const record = lane.held.shift();
      if (record !== undefined) {
        lane.probe = lane.failures > 0 ? record : undefined;
        return record;
      }
    }
    return undefined;
  }

  /** The connection is over. */
  stop(): void {
    for (const { pause } of this.#lanes.values()) {
      clearTimeout(pause);
    }
  }

  #isResumed({ pause, probe, failures }: Lane): boolean {
    return pause === undefined && probe === undefined && failures === 0;
  }

  #lane(record: OutboxRecord): Lane {
    const name = laneOf(record);
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { held: [], failures: 0, pause: undefined, probe: undefined };
      this.#lanes.set(name, lane);
    }
    return lane;
  }
}
