import type { AskedPort } from '../answering-port.js';
import type { RowPort } from '../sensor-simulator.js';
import type { Faults } from './faults.js';
import type { Wire } from './wire.js';

/** The port that a reader opens: `PtyPort` is one. */
export interface OpenedPort extends RowPort {
  /** True when a reader has it open. */
  readonly read: boolean;
  /** Bits a second that the reader has set. */
  readonly baud: number;
  /** The bytes that the reader has sent since the last call. */
  heard(): Uint8Array;
}

const greeting = Buffer.from('\r\nBooting ...\r\nsensor found, calibrating\r\n', 'latin1');

/** A port behind a bad line, and a board that each opening resets. */
export class FaultyPort implements AskedPort {
  readonly #port: OpenedPort;
  readonly #wire: Wire;
  readonly #faults: Faults;
  readonly #now: () => number;
  #held: Uint8Array[] = [];
  #bunch: NodeJS.Timeout | undefined;
  /** When a reader was first seen, by `now`; undefined while nobody reads. */
  #openedMs: number | undefined;
  #hasGreeted = false;

  /** @param now milliseconds of any clock that does not go back */
  constructor(
    port: OpenedPort,
    wire: Wire,
    faults: Faults,
    now: () => number = () => performance.now(),
  ) {
    this.#port = port;
    this.#wire = wire;
    this.#faults = faults;
    this.#now = now;
  }

  /** Sends the bytes of a row, or what becomes of them. */
  write(row: Uint8Array): boolean {
    if (this.#isBooting()) {
      return true;
    }
    const arrived = this.#carried(row);
    if (this.#faults.bunchMs === 0) {
      return this.#port.write(arrived);
    }
    this.#held.push(arrived);
    this.#bunch ??= setTimeout(() => this.#release(), this.#faults.bunchMs);
    return true;
  }

  heard(): Uint8Array {
    return this.#port.heard();
  }

  async drained(signal: AbortSignal): Promise<void> {
    this.#release();
    await this.#port.drained(signal);
  }

  #carried(bytes: Uint8Array): Uint8Array {
    return this.#wire.carry(bytes, this.#wire.isTimed ? this.#port.baud : 0);
  }

  #release(): void {
    clearTimeout(this.#bunch);
    this.#bunch = undefined;
    if (this.#held.length > 0) {
      this.#port.write(Buffer.concat(this.#held));
      this.#held = [];
    }
  }

  /** Returns whether the board has not come to its first row since a reader opened the port. */
  #isBooting(): boolean {
    if (this.#faults.resetMs === 0) {
      return false;
    }
    if (!this.#port.read) {
      this.#openedMs = undefined;
      this.#hasGreeted = false;
      return true;
    }
    this.#openedMs ??= this.#now();
    if (this.#now() - this.#openedMs < this.#faults.resetMs) {
      return true;
    }
    if (!this.#hasGreeted) {
      this.#hasGreeted = true;
      this.#port.write(this.#carried(greeting));
    }
    return false;
  }
}
