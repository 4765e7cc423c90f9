import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { watchedRules, type EventRule } from '#src/publish/prediction/event-rules.js';
import { ClassifyHead } from '#src/publish/prediction/heads/classify-head.js';
import { Labels } from '#src/publish/prediction/heads/labels.js';
import { PayloadWriter } from '#src/publish/prediction/payload.js';
import { PublishPolicy } from '#src/publish/prediction/policy.js';

interface Emitted {
  readonly seq: number;
  readonly label: string;
  readonly state?: string;
  readonly gapMs?: number;
  readonly filled?: number;
}

/** A policy for one output `run`, and what it has emitted. */
function given(every: number, events: EventRule[] = []) {
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
    every,
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
  return { policy, outputs, predictions, changes };
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

  test('refuses an event on a label that is no output', () => {
    assert.throws(() => given(1, [{ ...rule, label: 'walk' }]), {
      code: 'config.invalid',
      message: /"walk" is no output of the model: run/,
    });
  });
});
