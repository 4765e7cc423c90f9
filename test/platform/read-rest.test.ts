import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReadRest } from '#src/platform/read-rest.js';

/** Reads of ttys, each as long after the rest that follows the one before. */
class Reads {
  readonly #rest = new ReadRest();
  #nowMs = 1000;
  #restMs = 0;
  #slot = 0;

  /**
   * @param everyMs from one turn to the next, beside a rest
   * @param readings how many of the ttys give something in a turn; each in its turn
   * @param fast a tty that gives something in each turn besides
   * @returns how many turns a rest came after
   */
  run(turns: number, everyMs: number, readings: number, ttys: number, fast?: number): number {
    let rests = 0;
    for (let n = 0; n < turns; n += 1) {
      this.#nowMs += everyMs + this.#restMs;
      for (let reading = 0; reading < readings; reading += 1) {
        this.#slot = (this.#slot + 1) % ttys;
        this.#rest.gave(this.#slot);
      }
      if (fast !== undefined) {
        this.#rest.gave(fast);
      }
      this.#restMs = this.#rest.after(this.#nowMs);
      rests += this.#restMs > 0 ? 1 : 0;
    }
    return rests;
  }
}

describe('a rest between reads', () => {
  test('comes while many ttys give a row now and then, one soon after the other', () => {
    const reads = new Reads();
    reads.run(64, 0.15, 1, 64);
    assert.equal(reads.run(320, 0.15, 1, 64), 320);
    // The rows that came during the rest are there at once.
    assert.equal(reads.run(320, 0.08, 3, 64), 320);
  });

  test('ends when rows come further apart', () => {
    const reads = new Reads();
    reads.run(64, 0.15, 1, 64);
    assert.equal(reads.run(32, 0.5, 1, 64), 31);
    assert.equal(reads.run(320, 0.5, 1, 64), 0);
  });

  test('ends when few ttys are left', () => {
    const reads = new Reads();
    reads.run(64, 0.15, 1, 64);
    assert.equal(reads.run(32, 0.15, 1, 2), 31);
    assert.equal(reads.run(320, 0.15, 1, 2), 0);
  });

  test('never comes for a sensor that would wait behind itself, nor beside one', () => {
    assert.equal(new Reads().run(320, 0.05, 1, 1), 0);
    assert.equal(new Reads().run(320, 0.2, 1, 4), 0);
    assert.equal(new Reads().run(320, 0.2, 8, 8), 0);
    assert.equal(new Reads().run(320, 0.15, 1, 64, 7), 0);
    const reads = new Reads();
    reads.run(64, 0.15, 1, 64);
    assert.equal(reads.run(32, 0.15, 1, 64, 200), 31);
    assert.equal(reads.run(320, 0.15, 1, 64, 200), 0);
  });

  test('never comes for sensors that send at once', () => {
    const reads = new Reads();
    for (let n = 0; n < 100; n += 1) {
      assert.equal(reads.run(1, 9.7, 20, 64), 0);
      assert.equal(reads.run(3, 0.1, 15, 64), 0);
    }
  });

  test('never comes for a sensor that is alone', () => {
    assert.equal(new Reads().run(320, 1, 1, 1), 0);
    assert.equal(new Reads().run(320, 10, 1, 1), 0);
  });
});
