import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cborOfJson } from '#src/mqtt-client/cbor.js';
import { MessageReader } from '#src/client/message-reader.js';

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const prediction = (seq: number): object => ({ ts: 1, boot: 7, seq, p: { run: 1 }, warm: true });

test('reads records and what waited, leaves duplicates out and tells what is missing', () => {
  const reader = new MessageReader('plant/hall');
  const base = 'plant/hall/box/pump';
  const read = (leaf: string, value: unknown) => reader.read(`${base}/${leaf}`, bytes(value));
  assert.equal(read('info', { every: 2, stride: 1 })[0]?.kind, 'info');
  assert.deepEqual(read('prediction', prediction(1)), [
    { kind: 'prediction', device: 'box', stream: 'pump', record: prediction(1), isHistory: false },
  ]);
  assert.deepEqual(read('prediction', prediction(1)), []);
  const [missing, next] = read('prediction', prediction(7));
  assert.deepEqual(missing, {
    kind: 'missing',
    device: 'box',
    stream: 'pump',
    boot: 7,
    after: 1,
    before: 7,
    count: 2,
  });
  assert.equal(next?.kind, 'prediction');
  const [late, ...none] = read('history', { history: true, kind: 'prediction', ...prediction(3) });
  assert.deepEqual(none, []);
  assert.ok(late?.kind === 'prediction' && late.isHistory);
  assert.deepEqual(late.record, prediction(3));
  assert.deepEqual(read('history', { history: true, kind: 'prediction', ...prediction(7) }), []);
  assert.equal(reader.duplicates, 2);
});

test('says what is no payload of a device, and passes over what is none of its topics', () => {
  const reader = new MessageReader('lstmd');
  const [text] = reader.read('lstmd/box/pump/prediction', Buffer.from('hi'));
  assert.ok(text?.kind === 'malformed' && text.topic === 'lstmd/box/pump/prediction');
  for (const [topic, value] of [
    ['lstmd/box/status', { state: 'maybe' }],
    ['lstmd/box/health', [1]],
    ['lstmd/box/pump/prediction', { ts: 1, boot: 2 }],
    ['lstmd/box/pump/history', prediction(1)],
  ] as const) {
    assert.equal(reader.read(topic, bytes(value))[0]?.kind, 'malformed', topic);
  }
  assert.deepEqual(reader.read('lstmd/box/cmd/reset', bytes({})), []);
  assert.deepEqual(reader.read('lstmd/box/pump/other', bytes({})), []);
  // Whoever takes a device away publishes these over what it had retained.
  for (const topic of ['lstmd/box/status', 'lstmd/box/pump/info', 'lstmd/box/pump/now']) {
    assert.deepEqual(reader.read(topic, Buffer.alloc(0)), [], topic);
  }
});

test('reads a batch, and CBOR as JSON', () => {
  const batch = { ts: 1, boot: 7, seq: 1, predictions: [prediction(1), prediction(2)] };
  for (const payload of [bytes(batch), cborOfJson(JSON.stringify(batch))]) {
    const reader = new MessageReader('lstmd');
    const topic = 'lstmd/box/pump/prediction';
    assert.deepEqual(
      reader.read(topic, payload).map((each) => each.kind === 'prediction' && each.record.seq),
      [1, 2],
    );
    assert.deepEqual(reader.read(topic, bytes(prediction(2))), []);
    assert.equal(reader.read(topic, Buffer.from([0xa1, 0x18]))[0]?.kind, 'malformed');
  }
});

test('forgets the streams that were silent for longest where too much is remembered', () => {
  const reader = new MessageReader('lstmd', { rememberedRecords: 400 });
  for (let device = 0; device < 1000; device += 1) {
    reader.read(`lstmd/d${device}/pump/prediction`, bytes(prediction(1)));
    reader.read('lstmd/busy/pump/prediction', bytes(prediction(device + 1)));
  }
  assert.ok(reader.rememberedStreams <= 400, `${reader.rememberedStreams}`);
  assert.deepEqual(reader.read('lstmd/busy/pump/prediction', bytes(prediction(1000))), []);
});
