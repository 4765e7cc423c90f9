/** Samples with a label, as it stands in the recordings. */
export interface LabelCount {
  readonly label: string;
  /** The class that it counts as; null where it is not judged. */
  readonly class: string | null;
  readonly samples: number;
  readonly recordings: number;
}

interface Count {
  className: string | null;
  samples: number;
  recordings: number;
  /** The recording that was counted last. */
  recording: number;
}

/** Counts the samples of each label. */
export class LabelTally {
  readonly #counts = new Map<string, Count>();

  /** @param recording its number, so that each is counted once */
  add(label: string, className: string | null, recording: number): void {
    const count = this.#counts.get(label) ?? {
      className,
      samples: 0,
      recordings: 0,
      recording: -1,
    };
    this.#counts.set(label, count);
    count.samples += 1;
    if (count.recording !== recording) {
      count.recording = recording;
      count.recordings += 1;
    }
  }

  /** In the order in which labels came. */
  counts(): LabelCount[] {
    return [...this.#counts].map(([label, { className, samples, recordings }]) => ({
      label,
      class: className,
      samples,
      recordings,
    }));
  }
}
