import { parseBrokerUrl, urlsOf, type BrokerAddress } from '../../mqtt-client/broker-address.js';
import type { ProtocolVersion } from './client-options.js';
import { ConnectTerms } from './connect-terms.js';

/**
 * How an attempt ended: `adapted` when the next one asks for less and need not wait, `next` when another broker was not
 * tried yet in this round.
 */
export type AttemptEnd = 'disconnected' | 'failed' | 'adapted' | 'next';

/** A broker with what is known of it. */
export interface Target {
  readonly address: BrokerAddress;
  readonly terms: ConnectTerms;
}

/** The brokers of a cluster, in turn: the one that was connected to is tried first, and then those behind it. */
export class BrokerRound {
  readonly #targets: readonly Target[];
  /** Brokers in a row that failed since the last connection or wait. */
  #failed = 0;
  #current: Target;

  /** @throws LstmdError `config.invalid` for a URL that can never work */
  constructor(url: string | readonly string[], protocol: ProtocolVersion) {
    const [first, ...others] = urlsOf(url).map((each) => ({
      address: parseBrokerUrl(each),
      terms: new ConnectTerms(protocol),
    }));
    if (first === undefined) {
      throw new RangeError('no URL of a broker');
    }
    this.#targets = [first, ...others];
    this.#current = first;
  }

  get size(): number {
    return this.#targets.length;
  }

  /** The broker that is connected to, or to be tried. */
  get current(): Target {
    return this.#current;
  }

  /** Goes on to the next broker after a failure: at once, until each has failed. */
  after(end: AttemptEnd): AttemptEnd {
    if (end !== 'failed') {
      this.#failed = 0;
      return end;
    }
    const next = (this.#targets.indexOf(this.#current) + 1) % this.size;
    this.#current = this.#targets[next] ?? this.#current;
    this.#failed = (this.#failed + 1) % this.size;
    return this.#failed === 0 ? 'failed' : 'next';
  }
}
