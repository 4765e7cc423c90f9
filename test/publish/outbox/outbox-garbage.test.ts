import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import { Outbox } from '#src/publish/outbox/outbox.js';
import type { OutboxRecord } from '#src/publish/outbox/contract/record.js';
import { ClassifyHead } from '#src/publish/prediction/heads/classify-head.js';
import { Labels } from '#src/publish/prediction/heads/labels.js';
import { PayloadWriter } from '#src/publish/prediction/payload.js';

const records = 300_000;

function oldBytes(): number {
  const spaces = getHeapSpaceStatistics();
  return spaces.find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? 0;
}

/** Makes what V8 collects among the new objects, many times over. */
function makeGarbage(objects: number): number {
  let made: number[] = [];
  for (let n = 0; n < objects; n += 1) {
    made = [n];
  }
  return made.length;
}

test('a record that was delivered is collected among the new objects, with the texts of its numbers', () => {
  const labels = new Labels(['running'], [{ name: 'head', size: 1 }]);
  const heads = labels.heads.map((named) => new ClassifyHead(named));
  const writer = new PayloadWriter(4, heads);
  const row = new Float32Array(1);
  const box = new Outbox({ maxBytes: 1e6, maxAgeMs: 1e6, monotonicMs: () => 0 });
  const inFlight: OutboxRecord[] = [];
  const sendOne = (n: number): void => {
    row[0] = 0.1 + 2e-6 * n;
    heads[0]?.row(row, 0);
    const payload = writer.prediction(1_763_880_000_000 + 10 * n, n, true, 0);
    box.offer({ stream: 's', kind: 'prediction', payload, qos: 1 });
    const record = box.take();
    assert.ok(record);
    inFlight.push(record);
  };
  for (let n = 0; n < 3; n += 1) {
    sendOne(n);
  }
  // Whatever holds these three is long-lived from now on.
  makeGarbage(5_000_000);
  const before = oldBytes();
  for (let n = 0; n < records; n += 1) {
    sendOne(n);
    const oldest = inFlight.shift();
    assert.ok(oldest);
    box.delivered(oldest);
    makeGarbage(10);
  }
  const perRecord = (oldBytes() - before) / records;
  // What V8 compiles meanwhile is about one. Texts that are kept would be 10 to 30, a Map of the records in flight 70.
  assert.ok(perRecord < 5, `${perRecord} bytes of a record live long`);
});
