import type { Qos } from '../../prediction/record.js';

/** Identifiers up to here are those of publishes; the client library has the rest for what it sends. */
export const lastPublishId = 0x7fff;

/** More may not be in flight at a time; a power of two. */
export const maxInFlight = 1024;
const slotMask = maxInFlight - 1;

/**
 * The publishes at QoS 1 and 2 of one connection that are not answered yet. They are kept in columns: an object for each
 * would be garbage at the rate of samples. An identifier comes again only after all others, so that a late second answer
 * is not taken for that of another publish.
 */
export class InFlight<Item> {
  readonly #items: (Item | undefined)[] = Array.from({ length: maxInFlight });
  /** Identifier of the publish in a slot; 0 for a free one. */
  readonly #ids = new Uint16Array(maxInFlight);
  readonly #numbers = new Float64Array(maxInFlight);
  readonly #bytes = new Int32Array(maxInFlight);
  readonly #ticks = new Float64Array(maxInFlight);
  readonly #qos = new Uint8Array(maxInFlight);
  #lastId = 0;
  #size = 0;
  /** The identifiers were all given once. */
  #hasWrapped = false;

  get size(): number {
    return this.#size;
  }

  /**
   * Takes in a publish.
   *
   * @param number of the publish on this connection
   * @param tick when it is sent
   * @returns its identifier
   * @throws RangeError where `maxInFlight` are there already
   */
  add(item: Item, number: number, bytes: number, qos: Qos, tick: number): number {
    if (this.#size === maxInFlight) {
      throw new RangeError(`more than ${maxInFlight} publishes in flight`);
    }
    let slot: number;
    do {
      this.#lastId = this.#lastId === lastPublishId ? 1 : this.#lastId + 1;
      this.#hasWrapped ||= this.#lastId === lastPublishId;
      slot = this.#lastId & slotMask;
    } while (this.#ids[slot] !== 0);
    this.#ids[slot] = this.#lastId;
    this.#items[slot] = item;
    this.#numbers[slot] = number;
    this.#bytes[slot] = bytes;
    this.#qos[slot] = qos;
    this.#ticks[slot] = tick;
    this.#size += 1;
    return this.#lastId;
  }

  /** Returns whether a publish had that identifier, now or before. */
  wasGiven(id: number): boolean {
    return id > 0 && id <= lastPublishId && (this.#hasWrapped || id <= this.#lastId);
  }

  /** QoS of the publish with that identifier; 0 where there is none in flight. */
  qosOf(id: number): number {
    const slot = id & slotMask;
    return this.#ids[slot] === id ? (this.#qos[slot] ?? 0) : 0;
  }

  numberOf(id: number): number {
    return this.#numbers[id & slotMask] ?? 0;
  }

  bytesOf(id: number): number {
    return this.#bytes[id & slotMask] ?? 0;
  }

  /** Takes a publish out; undefined where there is none with that identifier. */
  remove(id: number): Item | undefined {
    const slot = id & slotMask;
    if (this.#ids[slot] !== id) {
      return undefined;
    }
    const item = this.#items[slot];
    this.#items[slot] = undefined;
    this.#ids[slot] = 0;
    this.#size -= 1;
    return item;
  }

  /** When the oldest was sent; Infinity where none is in flight. */
  get oldestTick(): number {
    let oldest = Infinity;
    for (let slot = 0; slot < maxInFlight && this.#size > 0; slot += 1) {
      if (this.#ids[slot] !== 0) {
        oldest = Math.min(oldest, this.#ticks[slot] ?? Infinity);
      }
    }
    return oldest;
  }

  /** Bytes of each packet that is in flight. */
  get unansweredBytes(): number[] {
    return [...this.#bytes].filter((_, slot) => this.#ids[slot] !== 0);
  }
}
