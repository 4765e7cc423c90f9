/** Ctrl-C, which a raw terminal hands over as a byte. */
const interrupt = '\u0003';

/** The label of what is recorded, which the keys 0 to 9 change where stdin is a terminal. */
export class LabelKeys {
  readonly #labels: readonly string[];
  readonly #onChange: (label: string | null) => void;
  #label: string | null = null;

  /** @param labels of the keys 1 to 9; 0 is none */
  constructor(labels: readonly string[], onChange: (label: string | null) => void) {
    this.#labels = labels.slice(0, 9);
    this.#onChange = onChange;
  }

  get label(): string | null {
    return this.#label;
  }

  set(label: string | null): void {
    if (label !== this.#label) {
      this.#label = label;
      this.#onChange(label);
    }
  }

  /** Listens to the keys, and says on stderr what they mean. */
  start(): void {
    if (!process.stdin.isTTY || this.#labels.length === 0) {
      return;
    }
    process.stdin.setRawMode(true);
    process.stdin.on('data', this.#onData).resume();
    const keys = this.#labels.map((label, n) => `${n + 1} ${label}`);
    process.stderr.write(`lstmd: keys: 0 no label, ${keys.join(', ')}\n`);
  }

  stop(): void {
    if (process.stdin.isTTY && this.#labels.length > 0) {
      process.stdin.off('data', this.#onData).pause();
      process.stdin.setRawMode(false);
    }
  }

  readonly #onData = (data: Buffer): void => {
    for (const key of data.toString('latin1')) {
      if (key === interrupt) {
        process.kill(process.pid, 'SIGINT');
      } else if (key === '0') {
        this.set(null);
      } else if (/[1-9]/.test(key)) {
        this.set(this.#labels[Number(key) - 1] ?? this.#label);
      }
    }
  };
}
