import type { ProtocolVersion, Will } from './client-options.js';
import type { ConnectRefusedError } from './connect-refused-error.js';

/** The protocol version and the will of the next CONNECT, adapted to what the broker has refused so far. */
export class ConnectTerms {
  readonly #wanted: ProtocolVersion;
  #version: ProtocolVersion;
  /** The broker said that it has no version 5. */
  #isVersionRefused = false;
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
   * Learns from a refusal. A broker that has no version 5 says so, or hangs up on what it cannot read: the
   * first is final; after the second the versions take turns, for a hang-up can mean anything. Which
   * will a broker takes is known from its refusals alone.
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
    if (this.#wanted === '3.1.1' || this.#isVersionRefused) {
      return false;
    }
    if (refusal.isVersionRefused && this.#version === '5') {
      this.#isVersionRefused = true;
      this.#version = '3.1.1';
      return true;
    }
    if (refusal.code === undefined) {
      this.#version = this.#version === '5' ? '3.1.1' : '5';
    }
    return false;
  }

  /** A connection is over: the next one begins with the version that is wanted, unless it was refused. */
  connectionEnded(): void {
    if (!this.#isVersionRefused) {
      this.#version = this.#wanted;
    }
  }
}
