/** Records that are remembered of each boot, to know those that come again as history. */
const rememberedRecords = 8192;
/** Boots that are remembered of a stream: history of an earlier one may come after a restart. */
const rememberedBoots = 4;

/** Records of one kind of one boot, by what names them in it. */
class BootRecords {
  lastSeq = 0;
  readonly #seen = new Set<string>();

  get size(): number {
    return this.#seen.size;
  }

  /** Returns whether it is new; it is known from now on. The oldest are forgotten. */
  add(name: string): boolean {
    if (this.#seen.has(name)) {
      return false;
    }
    this.#seen.add(name);
    if (this.#seen.size > rememberedRecords) {
      const [oldest = ''] = this.#seen;
      this.#seen.delete(oldest);
    }
    return true;
  }
}

/** Predictions that are missing between two that came. */
export interface Hole {
  /** `seq` of the one before. */
  readonly after: number;
  readonly count: number;
}

/**
 * Tells which records of a stream were there before. Delivery is at least once: after a reconnection records come
 * again, on their topic or as history. A record is known by kind, boot and number, an event by its name too; the
 * last 8,192 of each kind and boot are remembered, for the last four boots.
 */
export class RecordFilter {
  readonly #boots = new Map<string, BootRecords>();
  /** Samples from one prediction to the next; undefined until the stream's info has told it. */
  #step: number | undefined;

  /** Takes from the stream's info how far the numbers of two predictions are apart; undefined where that varies. */
  setStep(samples: number | undefined): void {
    this.#step = samples;
  }

  /** Returns whether a record has not come before. */
  isNew(kind: 'prediction' | 'event', boot: number, seq: number, name = ''): boolean {
    return this.#of(kind, boot).add(`${seq} ${name}`);
  }

  /**
   * Takes a new prediction from its own topic, on which they come in order.
   *
   * @returns the predictions that are missing before it; undefined where none is, or nobody knows
   */
  follows(boot: number, seq: number): Hole | undefined {
    const records = this.#of('prediction', boot);
    const after = records.lastSeq;
    records.lastSeq = Math.max(after, seq);
    if (after === 0 || this.#step === undefined) {
      return undefined;
    }
    const count = Math.round((seq - after) / this.#step) - 1;
    return count > 0 ? { after, count } : undefined;
  }

  /** Records that are remembered. */
  get size(): number {
    return [...this.#boots.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #of(kind: string, boot: number): BootRecords {
    const key = `${boot} ${kind}`;
    let records = this.#boots.get(key);
    if (records === undefined) {
      records = new BootRecords();
      this.#boots.set(key, records);
      if (this.#boots.size > 2 * rememberedBoots) {
        const [oldest = ''] = this.#boots.keys();
        this.#boots.delete(oldest);
      }
    }
    return records;
  }
}
