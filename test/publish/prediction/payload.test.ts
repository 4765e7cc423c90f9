import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClassifyHead } from '#src/publish/prediction/heads/classify-head.js';
import { Labels, type HeadShape } from '#src/publish/prediction/heads/labels.js';
import { PayloadWriter } from '#src/publish/prediction/payload.js';

const timeMs = 1_763_880_000_000;

const head = (size: number, name = 'head') => ({ name, size });

interface Given {
  readonly labels: readonly string[] | undefined;
  readonly shapes: readonly HeadShape[];
  /** One float stands before it. */
  readonly row: readonly number[];
  readonly timeMs?: number;
  readonly seq?: number;
  readonly warm?: boolean;
  readonly gapMs?: number;
}

function write({
  labels,
  shapes,
  row,
  seq = 123,
  warm = true,
  gapMs = 0,
  ...given
}: Given): string {
  const heads = new Labels(labels, shapes).heads.map((named) => new ClassifyHead(named));
  for (const each of heads) {
    each.row(Float32Array.of(9, ...row), 1);
  }
  return new PayloadWriter(4, heads).prediction(given.timeMs ?? timeMs, seq, warm, gapMs);
}

function prediction(labels: string[] | undefined, ...row: number[]): string {
  return write({ labels, shapes: [head(row.length)], row, timeMs: timeMs + 0.4 });
}

describe('payload', () => {
  test('is byte for byte what the design says', () => {
    assert.equal(
      prediction(['running'], 0.93),
      '{"ts":1763880000000,"boot":4,"seq":123,"p":{"running":0.93},"label":"running","warm":true}',
    );
  });

  test('says what is not warm, and the gap before it', () => {
    const [labels, shapes] = [['running'], [head(1)]];
    assert.equal(
      write({ labels, shapes, row: [0.25], seq: 5, warm: false, gapMs: 1234.5 }),
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
    const shapes = [head(3, 'activity'), head(1, 'speed')];
    const row = [0.25, 0.5, 0.25, 7];
    const written = (labels?: string[]) => write({ labels, shapes, row, seq: 1 });
    assert.match(
      written(['rest', 'walk', 'run', 'fast']),
      /"seq":1,"heads":\{"activity":\{"p":\{"rest":0.25,"walk":0.5,"run":0.25\},"label":"walk"\},"speed":\{"p":\{"fast":7\},"label":"fast"\}\},"warm":true\}$/,
    );
    assert.match(
      written(),
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
    const writer = new PayloadWriter(4, []);
    assert.equal(
      writer.event(timeMs, 7, { label: 'running' }, 'on', 0.875),
      '{"ts":1763880000000,"boot":4,"seq":7,"label":"running","state":"on","p":0.875}',
    );
    assert.equal(
      writer.event(timeMs, 7, { event: 'hot' }, 'off', 81.2),
      '{"ts":1763880000000,"boot":4,"seq":7,"event":"hot","state":"off","value":81.2}',
    );
  });

  test('names a head by its own labels, two of them for one probability', () => {
    const shapes = [
      { ...head(2, 'activity'), labels: ['walk', 'run'] },
      { ...head(1, 'door'), labels: ['shut', 'open'] },
    ];
    assert.match(
      write({ labels: undefined, shapes, row: [0.75, 0.25, 0.25] }),
      /"activity":\{"p":\{"walk":0.75,"run":0.25\},"label":"walk"\},"door":\{"p":\{"open":0.25\},"label":"shut"\}/,
    );
    assert.throws(() => new Labels(['a', 'b', 'c'], shapes), {
      code: 'config.invalid',
      message:
        /^model\.labels: names the outputs of all heads, and model\.heads\.activity\.labels those of one/,
    });
  });

  test('gives the last step of a window, or all of it', () => {
    const [named] = new Labels(['a', 'b'], [{ name: 'head', size: 2, steps: 1, rowSteps: 2 }])
      .heads;
    const [all] = new Labels(['a', 'b'], [{ name: 'head', size: 2, steps: 2 }]).heads;
    assert.ok(named !== undefined && all !== undefined);
    const rows = Float32Array.of(9, 0.75, 0.25, 0.5, 0.125);
    for (const [given, text] of [
      [new ClassifyHead(named), '"p":{"a":0.5,"b":0.125},"label":"a"'],
      [new ClassifyHead(all), '"p":{"a":0.5,"b":0.125},"label":"a"'],
      [new ClassifyHead(all, true), '"steps":[[0.75,0.25],[0.5,0.125]]'],
    ] as const) {
      given.row(rows, 1);
      assert.equal(given.members(), text);
      assert.equal(given.measure({ label: 'b' })?.(), 0.125);
    }
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
