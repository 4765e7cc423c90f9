import type { Random } from '../motion/random.js';
import type { Faults } from './faults.js';
import { misread } from './uart.js';

const mostGarbageBytes = 40;

/** The bytes of rows as they arrive at the far end of a bad line, which may be set to another rate. */
export class Wire {
  /** Bits that were flipped, bytes that were lost, bytes of noise, and rows that were not sent. */
  readonly counters = { flippedBits: 0, droppedBytes: 0, garbageBytes: 0, silentRows: 0 };
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #sentBaud: number | undefined;

  /** @param sentBaud bits a second of the sensor; undefined where a reader's rate does not matter */
  constructor(faults: Faults, random: Random, sentBaud?: number) {
    this.#faults = faults;
    this.#random = random;
    this.#sentBaud = sentBaud;
  }

  /** Returns whether what arrives depends on the rate that the reader has set. */
  get isTimed(): boolean {
    return this.#sentBaud !== undefined;
  }

  /**
   * Returns what arrives of the bytes of one row.
   *
   * @param readBaud bits a second that the reader is set to
   */
  carry(row: Uint8Array, readBaud: number): Uint8Array {
    if (this.#faults.silence > 0 && this.#random.uniform() < this.#faults.silence) {
      this.counters.silentRows += 1;
      return new Uint8Array(0);
    }
    const noise = this.#random.uniform() < this.#faults.garbage ? this.#garbage() : [];
    const bytes: number[] = [...noise];
    for (const byte of row) {
      if (this.#faults.drops > 0 && this.#random.uniform() < this.#faults.drops) {
        this.counters.droppedBytes += 1;
        continue;
      }
      bytes.push(this.#faults.bits > 0 ? this.#flipped(byte) : byte);
    }
    const arrived = Uint8Array.from(bytes);
    return this.#sentBaud === undefined || this.#sentBaud === readBaud
      ? arrived
      : misread(arrived, this.#sentBaud, readBaud, 'keep');
  }

  #garbage(): number[] {
    const length = 1 + Math.floor(this.#random.uniform() * mostGarbageBytes);
    this.counters.garbageBytes += length;
    return Array.from({ length }, () => Math.floor(this.#random.uniform() * 256));
  }

  #flipped(byte: number): number {
    let flipped = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      if (this.#random.uniform() < this.#faults.bits) {
        flipped ^= 1 << bit;
        this.counters.flippedBits += 1;
      }
    }
    return flipped;
  }
}
