import type { ProtocolVersion, Will } from './client-options.js';
import type { ConnectRefusedError } from '../../mqtt-client/connect-refused-error.js';

/** The protocol version and the will of the next CONNECT, adapted to what the broker has refused so far. */
export class ConnectTerms {
  readonly #wanted: ProtocolVersion;
  #version: ProtocolVersion;
  /** The broker said that it has no version 5. */
  #isVersionRefused = false;
  /** The broker has accepted version 5 before: it has it. */
  #isVersion5Known = false;
  /** 3.1.1 was accepted a moment ago, and 5 is tried once more. */
  #isTriedOnceMore = false;
  #will: Pick<Will, 'qos' | 'retain'> = { qos: 1, retain: true };

  /** @param wanted `5` gives way to `3.1.1`, not the other way round */
  constructor(wanted: ProtocolVersion) {
    this.#wanted = wanted;
    this.#version = wanted;
  }

  get version(): ProtocolVersion {
    return this.#version;
  }

  get will(): Pick<Will, 'qos' | 'retain'> {
    return this.#will;
  }

  /**
   * Learns from a refusal. A broker that has no version 5 says so, which is final, or hangs up on what it cannot
   * read. As a hang-up can mean anything, the versions then take turns until `accepted` can tell; one that
   * has accepted 5 before has it, and silence means nothing. Which will a broker takes is known from
   * its refusals alone.
   *
   * @returns whether the next attempt asks for something that was not refused yet: it need not wait
   */
  learn(refusal: ConnectRefusedError): boolean {
    if (refusal.isRetainRefused && this.#will.retain) {
      this.#will = { ...this.#will, retain: false };
      return true;
    }
    if (refusal.isQosRefused && this.#will.qos > 0) {
      this.#will = { ...this.#will, qos: 0 };
      return true;
    }
    const isTriedOnceMore = this.#isTriedOnceMore;
    this.#isTriedOnceMore = false;
    if (this.#wanted === '3.1.1' || this.#isVersionRefused || this.#isVersion5Known) {
      return false;
    }
    if (refusal.isVersionRefused && this.#version === '5') {
      this.#isVersionRefused = true;
      this.#version = '3.1.1';
      return true;
    }
    if (!refusal.isHangUp) {
      this.#version = this.#wanted;
      return false;
    }
    if (isTriedOnceMore) {
      this.#isVersionRefused = true;
      this.#version = '3.1.1';
      return true;
    }
    this.#version = this.#version === '5' ? '3.1.1' : '5';
    return false;
  }

  /**
   * A CONNECT was accepted.
   *
   * @returns whether the connection can be used. After hang-ups on 5, the first that 3.1.1 comes to cannot: the
   *   broker may have been away only. It is closed, and 5 tried once more at once; a hang-up on it now is final
   */
  accepted(): boolean {
    this.#isVersion5Known ||= this.#version === '5';
    if (this.#version === this.#wanted || this.#isVersionRefused) {
      return true;
    }
    this.#isTriedOnceMore = true;
    this.#version = this.#wanted;
    return false;
  }
}
