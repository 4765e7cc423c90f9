import { afterReads } from '../base/read-turn.js';
import { mostTogether, type StepGroup } from '../engine/step-group.js';
import type { StepResult, Stepper } from '../engine/stepper.js';
import type { SampleBlock } from '../sensor/sample-block.js';

/** A stream whose samples are stepped together with those of others. */
export interface QueuedStream {
  readonly stepper: Stepper;
  /**
   * A sample of it was stepped.
   *
   * @param block as it was added; its arrays are valid during the call
   * @param stepMs its part of the time that the engine took for all of them, milliseconds
   */
  stepped(block: SampleBlock, result: StepResult, stepMs: number): void;
}

/** A place of the queue: a block of one sample, which is filled anew each time. */
class Place {
  readonly values: Float32Array;
  readonly features: number;
  readonly timeMs = new Float64Array(1);
  readonly count = 1;
  firstSeq = 0;
  isSettling = false;
  isFilled = false;

  constructor(features: number) {
    this.features = features;
    this.values = new Float32Array(features);
  }
}

/**
 * Collects samples of streams that share an engine, and steps those that came in one turn of the event loop together: the
 * weights are loaded once for many of them. A sample waits for the end of the turn, and not for others.
 */
export class StepQueue {
  readonly #group: StepGroup;
  readonly #places: readonly Place[];
  readonly #streams: QueuedStream[] = [];
  readonly #steppers: Stepper[] = [];
  /** False while the streams are told of their samples, and where there are none: nothing is left to step then. */
  #hasWaiting = false;
  readonly #flush = (): void => this.flush();
  #isDue = false;

  constructor(group: StepGroup) {
    this.#group = group;
    this.#places = Array.from(
      { length: mostTogether },
      () => new Place(group.program.plan.features),
    );
  }

  /** Takes a block of one sample, which is copied. An earlier one of the stream is stepped before. */
  add(stream: QueuedStream, block: SampleBlock): void {
    if (this.#streams.length === mostTogether || this.#isWaiting(stream)) {
      this.flush();
    }
    const position = this.#streams.length;
    const place = this.#places[position];
    if (place === undefined) {
      throw new RangeError('a queue that was stepped has a free place');
    }
    const input = this.#group.input(position);
    for (let n = 0; n < place.features; n += 1) {
      const value = block.values[n] ?? Number.NaN;
      place.values[n] = value;
      input[n] = value;
    }
    place.timeMs[0] = block.timeMs[0] ?? Number.NaN;
    place.firstSeq = block.firstSeq;
    place.isSettling = block.isSettling === true;
    place.isFilled = block.isFilled === true;
    this.#streams.push(stream);
    this.#steppers.push(stream.stepper);
    this.#hasWaiting = true;
    if (!this.#isDue) {
      this.#isDue = true;
      afterReads(this.#flush);
    }
  }

  /** Steps what a stream has waiting, and with it what the others have. */
  settle(stream: QueuedStream): void {
    if (this.#isWaiting(stream)) {
      this.flush();
    }
  }

  /** Steps all that waits. */
  flush(): void {
    this.#isDue = false;
    const count = this.#streams.length;
    if (count === 0) {
      return;
    }
    const beganMs = performance.now();
    this.#group.step(this.#steppers, count);
    const stepMs = (performance.now() - beganMs) / count;
    this.#hasWaiting = false;
    for (let n = 0; n < count; n += 1) {
      const place = this.#places[n];
      if (place !== undefined) {
        this.#streams[n]?.stepped(place, this.#group.result(n), stepMs);
      }
    }
    this.#streams.length = 0;
    this.#steppers.length = 0;
  }

  #isWaiting(stream: QueuedStream): boolean {
    return this.#hasWaiting && this.#streams.includes(stream);
  }
}
