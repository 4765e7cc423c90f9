import { isObject } from '../../../base/json.js';
import type { Log } from '../../../base/log.js';
import { RepeatedLine } from '../../../base/repeated-line.js';
import type { HeardMessage } from '../message.js';
import type { Session } from '../session.js';

export interface PrimaryHostOptions {
  /** The host's ID. */
  readonly id: string;
  /** Told when the host comes and goes. */
  readonly changed: (isOnline: boolean) => void;
  readonly log: Log;
}

/** A host may come and go a few times a minute before its coming and going is only counted. */
const linesAMinute = 6;

/**
 * The host application that a node is born for, by what it says on its STATE topic: `{"online":true,"timestamp":1763880000000}`.
 * What is older than the newest that it said does not count, as the will of a connection that was replaced.
 */
export class PrimaryHost {
  readonly #options: PrimaryHostOptions;
  readonly #topic: string;
  readonly #lines: Readonly<Record<'came' | 'went', RepeatedLine>>;
  #isOnline = false;
  #timestampMs = -Infinity;

  constructor(options: PrimaryHostOptions) {
    const { id, log } = options;
    this.#options = options;
    this.#topic = `spBv1.0/STATE/${id}`;
    this.#lines = {
      came: new RepeatedLine((fields, message) => log.info(fields, message), linesAMinute),
      went: new RepeatedLine((fields, message) => log.warn(fields, message), linesAMinute),
    };
  }

  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** Asks on a new connection, of which it is not known yet whether the host is at its broker. */
  connected(session: Session): void {
    const topic = this.#topic;
    const { log } = this.#options;
    this.#isOnline = false;
    this.#timestampMs = -Infinity;
    this.#lines.came.say({ topic }, 'births wait for the primary host to be online');
    session.subscribe(
      topic,
      ({ payload }) => this.#heard(payload),
      (reason) =>
        log.warn(
          { topic, reason },
          'the broker does not let this node hear its primary host, without which it publishes nothing: allow it to read this topic',
        ),
    );
  }

  /** Says in the log what was only counted so far. */
  flush(): void {
    this.#lines.came.flush();
    this.#lines.went.flush();
  }

  #heard(payload: HeardMessage['payload']): void {
    const topic = this.#topic;
    const state = stateIn(payload.toString());
    if (state === undefined) {
      this.#lines.went.say({ topic }, 'a state of the primary host without online and timestamp');
      return;
    }
    if (state.timestampMs < this.#timestampMs) {
      return;
    }
    this.#timestampMs = state.timestampMs;
    if (state.isOnline === this.#isOnline) {
      return;
    }
    this.#isOnline = state.isOnline;
    if (state.isOnline) {
      this.#lines.came.say({ topic }, 'the primary host is online: births and what has waited');
    } else {
      this.#lines.went.say({ topic }, 'the primary host is offline: nothing is published');
    }
    this.#options.changed(state.isOnline);
  }
}

/** Reads a state; undefined where it is none. */
function stateIn(
  text: string,
): { readonly isOnline: boolean; readonly timestampMs: number } | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { online, timestamp } = isObject(json) ? json : {};
  return typeof online === 'boolean' && typeof timestamp === 'number'
    ? { isOnline: online, timestampMs: timestamp }
    : undefined;
}
