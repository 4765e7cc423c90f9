import { queueOf, type OutboxRecord, type RecordQueue } from '../outbox/contract/record.js';
import { backoffMs, type BackoffOptions } from '../../mqtt-client/backoff.js';

interface Queue {
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
 * queue pauses; then one of them is sent, and if it is taken the others and all that is new follow. The
 * other queues go on. They count as in flight, so that no more are held than may be.
 */
export class RefusedRecords {
  readonly #backoff: BackoffOptions;
  readonly #resume: () => void;
  readonly #queues = new Map<RecordQueue, Queue>();

  /** @param resume called when a pause is over */
  constructor(backoff: BackoffOptions, resume: () => void) {
    this.#backoff = backoff;
    this.#resume = resume;
  }

  /** Returns whether new records of a queue may be sent. */
  isOpen(name: RecordQueue): boolean {
    const queue = this.#queues.get(name);
    return queue === undefined || (this.#isResumed(queue) && queue.held.length === 0);
  }

  /** A record was refused, and is held from now on. */
  refused(record: OutboxRecord): void {
    const queue = this.#queue(record);
    if (queue.probe === record) {
      queue.probe = undefined;
      queue.held.unshift(record);
    } else {
      queue.held.push(record);
    }
    if (queue.pause === undefined && queue.probe === undefined) {
      queue.failures += 1;
      queue.pause = setTimeout(
        () => {
          queue.pause = undefined;
          this.#resume();
        },
        backoffMs(queue.failures, this.#backoff),
      );
    }
  }

  /** A record was taken: if it was a probe, its queue is open again. */
  taken(record: OutboxRecord): void {
    const queue = this.#queues.get(queueOf(record));
    if (queue?.probe === record) {
      queue.probe = undefined;
      queue.failures = 0;
    }
  }

  /** A held record that is to be sent now; undefined where there is none. */
  next(): OutboxRecord | undefined {
    for (const queue of this.#queues.values()) {
      if (queue.pause !== undefined || queue.probe !== undefined) {
        continue;
      }
      const record = queue.held.shift();
      if (record !== undefined) {
        queue.probe = queue.failures > 0 ? record : undefined;
        return record;
      }
    }
    return undefined;
  }

  /** The connection is over. */
  stop(): void {
    for (const { pause } of this.#queues.values()) {
      clearTimeout(pause);
    }
  }

  #isResumed({ pause, probe, failures }: Queue): boolean {
    return pause === undefined && probe === undefined && failures === 0;
  }

  #queue(record: OutboxRecord): Queue {
    const name = queueOf(record);
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = { held: [], failures: 0, pause: undefined, probe: undefined };
      this.#queues.set(name, queue);
    }
    return queue;
  }
}
