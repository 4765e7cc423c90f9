/** How long the lines that follow one are counted before they are said. */
const countForMs = 60_000;

/**
 * A line of the log that the bytes of a stream can cause again and again. The first is written at once; those
 * that follow within a minute become one line at its end, in the words of the last, with `times` telling how
 * many they were. So one cause writes at most `burst` lines and one more a minute, whatever a stream sends.
 */
export class RepeatedLine {
  readonly #write: (fields: object, message: string) => void;
  readonly #burst: number;
  #written = 0;
  #held = 0;
  #last: { readonly fields: object; readonly message: string } | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param write writes the line, at the level that it has
   * @param burst how many lines of a minute are written at once before the others are counted
   */
  constructor(write: (fields: object, message: string) => void, burst = 1) {
    this.#write = write;
    this.#burst = burst;
  }

  /** Writes the line, or counts it. */
  say(fields: object, message: string): void {
    this.#last = { fields, message };
    if (this.#written >= this.#burst) {
      this.#held += 1;
      return;
    }
    this.#written += 1;
    this.#timer ??= this.#startMinute();
    this.#write(fields, message);
  }

  /** Says what was counted so far, and ends the minute. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#written = 0;
    this.#sayHeld();
  }

  #startMinute(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined;
      this.#written = 0;
      if (this.#held > 0) {
        this.#written = this.#burst;
        this.#timer = this.#startMinute();
        this.#sayHeld();
      }
    }, countForMs).unref();
  }

  #sayHeld(): void {
    const times = this.#held;
    this.#held = 0;
    if (times > 0 && this.#last !== undefined) {
      this.#write({ ...this.#last.fields, times }, this.#last.message);
    }
  }
}
