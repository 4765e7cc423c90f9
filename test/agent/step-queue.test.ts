import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { StepQueue, type QueuedStream } from '#src/agent/step-queue.js';
import { mostTogether } from '#src/engine/step-group.js';
import { StepFlag } from '#src/engine/program/engine.js';
import { loadModel, openStream } from '#src/index.js';
import type { SampleBlock } from '#src/sensor/sample-block.js';
import { projectFile } from '../support/project.js';

const plan = await loadModel(projectFile('examples/running/running.keras'));
const model = await openStream(plan, { mode: 'continuous' });

/** A stream that keeps what it is told, beside a stepper that has the same samples alone. */
class Kept implements QueuedStream {
  readonly stepper = model.another();
  readonly alone = model.another();
  readonly seqs: number[] = [];
  readonly outputs: number[] = [];
  readonly expected: number[] = [];

  block(seq: number, values: readonly number[]): SampleBlock {
    this.expected.push(this.alone.push(values)?.[0] ?? Number.NaN);
    return {
      count: 1,
      features: 3,
      values: Float32Array.from(values),
      timeMs: Float64Array.of(40 * seq),
      firstSeq: seq,
    };
  }

  stepped(block: SampleBlock, { output, flags }: Parameters<QueuedStream['stepped']>[1]): void {
    this.seqs.push(block.firstSeq);
    const hasOutput = ((flags[0] ?? 0) & StepFlag.output) !== 0;
    this.outputs.push(hasOutput ? (output[0] ?? Number.NaN) : Number.NaN);
    assert.equal(block.timeMs[0], 40 * block.firstSeq);
  }
}

test('samples of one turn are stepped together, each to the bits that it has alone', async () => {
  const queue = new StepQueue(model.group());
  const streams = Array.from({ length: 2 * mostTogether + 3 }, () => new Kept());
  for (let seq = 1; seq <= 5; seq += 1) {
    for (const [n, stream] of streams.entries()) {
      // Some have two samples in a turn, and some a sample that the model refuses.
      const x = n === 7 && seq === 3 ? Number.NaN : Math.sin(n + seq);
      const block = stream.block(2 * seq, [x, 0.25, 0.9]);
      queue.add(stream, block);
      block.values.fill(99);
      if (n % 5 === 0) {
        queue.add(stream, stream.block(2 * seq + 1, [0.1 * n, -0.5, 0.9]));
      }
    }
    await setImmediate();
  }
  for (const { seqs, outputs, expected, stepper, alone } of streams) {
    assert.deepEqual(outputs, expected);
    assert.deepEqual(stepper.state, alone.state);
    assert.equal(stepper.sampleCount, alone.sampleCount);
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => a - b),
    );
  }
});

test('what waits is stepped when it must be, and once', async () => {
  const queue = new StepQueue(model.group());
  const [one, other] = [new Kept(), new Kept()];
  queue.add(one, one.block(1, [1, 2, 3]));
  queue.settle(other);
  assert.deepEqual(one.seqs, []);
  queue.settle(one);
  assert.deepEqual(one.seqs, [1]);
  await setImmediate();
  queue.flush();
  assert.deepEqual(one.seqs, [1]);
});
