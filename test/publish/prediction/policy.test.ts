import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { watchedRules, type EventRule } from '#src/publish/prediction/event-rules.js';
import { ClassifyHead } from '#src/publish/prediction/heads/classify-head.js';
import { Labels } from '#src/publish/prediction/heads/labels.js';
import { PayloadWriter } from '#src/publish/prediction/payload.js';
import { PublishGate, type PublishGateOptions } from '#src/publish/prediction/publish-gate.js';
import { PublishPolicy } from '#src/publish/prediction/policy.js';

interface Emitted {
  readonly seq: number;
  readonly label: string;
  readonly state?: string;
  readonly gapMs?: number;
  readonly filled?: number;
}

/** A policy for one output `run`, and what it has emitted. */
function given(
  every: number,
  events: EventRule[] = [],
  gate: Omit<PublishGateOptions, 'every'> = {},
) {
  const predictions: Emitted[] = [];
  const changes: Emitted[] = [];
  const labels = new Labels(['run'], [{ name: 'head', size: 1 }]);
  const heads = labels.heads.map((named) => new ClassifyHead(named));
  const policy = new PublishPolicy({
    stream: 'wearer',
    qos: 1,
    outputSize: 1,
    heads,
    payload: new PayloadWriter(1, heads),
    gate: new PublishGate({ ...gate, every }, heads),
    events: watchedRules(events, heads),
    emit: ({ stream, kind, payload, qos }) => {
      assert.deepEqual([stream, qos], ['wearer', 1]);
      (kind === 'event' ? changes : predictions).push(JSON.parse(payload) as Emitted);
    },
  });
  let seq = 0;
  const outputs = (warm: boolean, ...values: number[]): void => {
    for (const value of values) {
      seq += 1;
      policy.output(1000 + seq, seq, Float32Array.of(value), 0, warm);
    }
  };
  return { policy, outputs, predictions, changes, heads };
}

const rule: EventRule = { label: 'run', on: 0.75, off: 0.5 };
const states = (changes: Emitted[]): string[] => changes.map(({ seq, state }) => `${seq} ${state}`);

describe('publish policy', () => {
  test('publishes the first output and every n-th after it', () => {
    const { policy, outputs, predictions } = given(3);
    outputs(false, ...Array<number>(8).fill(0.1));
    assert.deepEqual(
      predictions.map(({ seq }) => seq),
      [1, 4, 7],
    );
    assert.deepEqual(policy.stats, { outputs: 8, predictions: 3, events: 0, notFinite: 0 });
  });

  test('tells of a gap with the next prediction that is published, and once', () => {
    const { policy, outputs, predictions } = given(2);
    outputs(true, 0.1);
    policy.gap(100);
    outputs(true, 0.1);
    policy.gap(50);
    outputs(true, 0.1, 0.1, 0.1);
    assert.deepEqual(
      predictions.map(({ gapMs }) => gapMs),
      [undefined, 150, undefined],
    );
    policy.gap(30, 2);
    outputs(true, 0.1, 0.1, 0.1);
    assert.deepEqual([predictions.at(-1)?.gapMs, predictions.at(-1)?.filled], [30, 2]);
  });

  test('turns on at `on` and off at `off`, and holds between them', () => {
    const { outputs, changes } = given(1, [rule]);
    outputs(true, 0.6, 0.74, 0.75, 0.9, 0.51, 0.74, 0.5, 0.74, 0.1, 0.8);
    assert.deepEqual(states(changes), ['1 off', '3 on', '7 off', '10 on']);
  });

  test('says at the first warm output where a label stands', () => {
    const { outputs, changes } = given(1, [rule]);
    outputs(true, 0.9, 0.9);
    assert.deepEqual(states(changes), ['1 on']);
  });

  test('lets no output that is not warm change anything', () => {
    const { outputs, changes } = given(1, [rule]);
    outputs(false, 0.9, 0.1);
    outputs(true, 0.9);
    outputs(false, 0.1);
    outputs(true, 0.6);
    assert.deepEqual(states(changes), ['3 on']);
  });

  test('sees every output, whatever is published of them', () => {
    const { outputs, changes, predictions } = given(100, [rule]);
    outputs(true, 0.1, 0.9, 0.1);
    assert.equal(predictions.length, 1);
    assert.deepEqual(states(changes), ['1 off', '2 on', '3 off']);
  });

  test('publishes nothing of an output with NaN or infinity in it, and counts it', () => {
    const { policy, outputs, predictions, changes } = given(1, [rule]);
    outputs(true, Number.NaN, Infinity, 0.1);
    assert.deepEqual(states(changes), ['3 off']);
    assert.equal(predictions.length, 1);
    assert.deepEqual(policy.stats, { outputs: 3, predictions: 1, events: 1, notFinite: 2 });
  });

  test('passes by outputs of which no record can come, and counts them as if each had been looked at', () => {
    const values = Float32Array.from({ length: 60 }, (_, n) => (n % 11 === 5 ? Number.NaN : n));
    const timeMs = Float64Array.from(values, (_, n) => n);
    const alone = given(7);
    const together = given(7);
    const counted = { passed: 0, taken: 0 };
    for (let n = 0; n < values.length; n += 1) {
      alone.policy.output(n, n, values, n, true);
    }
    for (let n = 0; n < values.length; n += 1) {
      const most = Math.min(together.policy.closedFor, values.length - n);
      const passed = together.policy.passBy(values, n, most, timeMs, n);
      counted.passed += passed;
      n += passed;
      if (n < values.length) {
        together.policy.output(n, n, values, n, true);
        counted.taken += 1;
      }
    }
    assert.deepEqual(together.predictions, alone.predictions);
    assert.deepEqual(together.policy.stats, alone.policy.stats);
    const [measure, expected] = [together, alone].map(({ heads }) =>
      heads[0]?.measure({ label: 'run' })?.(),
    );
    assert.equal(measure, expected);
    // 55 of 60 are finite, and 8 of these are published.
    assert.deepEqual(counted, { passed: 47, taken: 13 });
    assert.equal(alone.predictions.length, 8);

    const { policy, outputs } = given(7, [rule]);
    outputs(true, 1);
    assert.equal(policy.closedFor, 0);
  });

  test('refuses an event on a label that is no output', () => {
    assert.throws(() => given(1, [{ ...rule, label: 'walk' }]), {
      code: 'config.invalid',
      message: /"walk" is no output of the model: run/,
    });
  });

  test('publishes at most so many a second, by the times of the samples', () => {
    const { outputs, predictions } = given(1, [], { maxHz: 100 });
    // A sample a millisecond.
    outputs(true, ...Array<number>(95).fill(0.1));
    assert.deepEqual(
      predictions.map(({ seq }) => seq),
      [1, 11, 21, 31, 41, 51, 61, 71, 81, 91],
    );
  });

  test('publishes what has changed beyond the band, a gap, a change of warm, and after so long', () => {
    const { policy, outputs, predictions } = given(1, [], {
      onChange: { band: 0.1, maxSeconds: 0.01 },
    });
    outputs(false, 0.5, 0.55);
    outputs(true, 0.55, 0.6, 0.65, 0.7);
    policy.gap(5);
    outputs(true, 0.7, ...Array<number>(12).fill(0.7));
    assert.deepEqual(
      predictions.map(({ seq, gapMs }) => [seq, gapMs]),
      [
        [1, undefined],
        [3, undefined],
        [6, undefined],
        [7, 5],
        [17, undefined],
      ],
    );
  });

  test('puts predictions together, gives a batch that is not full in time, and no event waits', async () => {
    const batches: string[] = [];
    const labels = new Labels(['run'], [{ name: 'head', size: 1 }]);
    const heads = labels.heads.map((named) => new ClassifyHead(named));
    let isGiven: (() => void) | undefined;
    const policy = new PublishPolicy({
      stream: 'wearer',
      qos: 1,
      outputSize: 1,
      heads,
      payload: new PayloadWriter(1, heads),
      gate: new PublishGate({ every: 1 }, heads),
      batch: { boot: 1, size: 3, maxMs: 5 },
      events: watchedRules([rule], heads),
      emit: ({ kind, payload }) => {
        batches.push(kind === 'event' ? 'event' : payload);
        isGiven?.();
      },
    });
    const given4 = new Promise<void>((resolve) => {
      isGiven = () => {
        if (batches.length === 4) {
          resolve();
        }
      };
    });
    for (let seq = 1; seq <= 4; seq += 1) {
      policy.output(1000 + seq, seq, Float32Array.of(0.25 * seq), 0, true);
    }
    await given4;
    assert.deepEqual(batches, [
      'event',
      '{"ts":1001,"boot":1,"seq":1,"predictions":[{"ts":1001,"boot":1,"seq":1,"p":{"run":0.25},"label":"not run","warm":true},{"ts":1002,"boot":1,"seq":2,"p":{"run":0.5},"label":"run","warm":true},{"ts":1003,"boot":1,"seq":3,"p":{"run":0.75},"label":"run","warm":true}]}',
      'event',
      '{"ts":1004,"boot":1,"seq":4,"predictions":[{"ts":1004,"boot":1,"seq":4,"p":{"run":1},"label":"run","warm":true}]}',
    ]);
    policy.output(1005, 5, Float32Array.of(1), 0, true);
    policy.flush();
    assert.match(batches[4] ?? '', /"seq":5/);
    assert.match(policy.takeNow() ?? '', /"seq":5/);
  });
});
