import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Labels } from '#src/publish/prediction/labels.js';
import { PayloadWriter } from '#src/publish/prediction/payload.js';

const timeMs = 1_763_880_000_000;

const head = (size: number, name = 'head') => ({ name, size });

function prediction(labels: string[] | undefined, ...row: number[]): string {
  const writer = new PayloadWriter(4, new Labels(labels, [head(row.length)]));
  return writer.prediction(timeMs + 0.4, 123, Float32Array.of(9, ...row), 1, true, 0);
}

describe('payload', () => {
  test('is byte for byte what the design says', () => {
    assert.equal(
      prediction(['running'], 0.93),
      '{"ts":1763880000000,"boot":4,"seq":123,"p":{"running":0.93},"label":"running","warm":true}',
    );
  });

  test('says what is not warm, and the gap before it', () => {
    const writer = new PayloadWriter(4, new Labels(['running'], [head(1)]));
    assert.equal(
      writer.prediction(timeMs, 5, Float32Array.of(0.25), 0, false, 1234.5),
      '{"ts":1763880000000,"boot":4,"seq":5,"p":{"running":0.25},"label":"not running","warm":false,"gapMs":1235}',
    );
  });

  test('labels a single output by its two names, and many by the largest', () => {
    assert.match(prediction(['rest', 'run'], 0.5), /"p":\{"run":0.5\},"label":"run"/);
    assert.match(prediction(['rest', 'run'], 0.49), /"p":\{"run":0.49\},"label":"rest"/);
    assert.match(
      prediction(['a', 'b', 'c'], 0.25, 0.5, 0.25),
      /"p":\{"a":0.25,"b":0.5,"c":0.25\},"label":"b"/,
    );
  });

  test('numbers the outputs where there are no labels', () => {
    assert.match(prediction(undefined, 0.25, 0.75), /"p":\{"0":0.25,"1":0.75\},"warm":true\}$/);
    assert.match(prediction(undefined, 0.25), /"p":\{"0":0.25\},"warm":true\}$/);
  });

  test('labels each head of several by itself', () => {
    const heads = [head(3, 'activity'), head(1, 'speed')];
    const row = Float32Array.of(0.25, 0.5, 0.25, 7);
    const write = (labels?: string[]) =>
      new PayloadWriter(4, new Labels(labels, heads)).prediction(timeMs, 1, row, 0, true, 0);
    assert.match(
      write(['rest', 'walk', 'run', 'fast']),
      /"seq":1,"heads":\{"activity":\{"p":\{"rest":0.25,"walk":0.5,"run":0.25\},"label":"walk"\},"speed":\{"p":\{"fast":7\},"label":"fast"\}\},"warm":true\}$/,
    );
    assert.match(
      write(),
      /"heads":\{"activity":\{"p":\{"activity.0":0.25,"activity.1":0.5,"activity.2":0.25\}\},"speed":\{"p":\{"speed":7\}\}\}/,
    );
  });

  test('is JSON whatever a label holds', () => {
    const label = 'say "läuft"\\\n';
    assert.deepEqual(JSON.parse(prediction([label], 1)), {
      ts: timeMs,
      boot: 4,
      seq: 123,
      p: { [label]: 1 },
      label,
      warm: true,
    });
  });

  test('writes an event', () => {
    const writer = new PayloadWriter(4, new Labels(['running'], [head(1)]));
    assert.equal(
      writer.event(timeMs, 7, 'running', 'on', 0.875),
      '{"ts":1763880000000,"boot":4,"seq":7,"label":"running","state":"on","p":0.875}',
    );
  });

  test('refuses labels that do not fit the outputs', () => {
    for (const [labels, outputs] of [
      [['a', 'b', 'c'], 1],
      [['a'], 2],
      [['a', 'a'], 2],
      [[], 1],
    ] as const) {
      assert.throws(() => new Labels(labels, [head(outputs)]), { code: 'config.invalid' });
    }
  });
});
