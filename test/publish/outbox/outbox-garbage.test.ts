import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import { Outbox } from '#src/publish/outbox/outbox.js';
import type { OutboxRecord } from '#src/publish/outbox/contract/record.js';

const records = 300_000;
const payloads = ['{"seq":1}', '{"seq":20}', '{"seq":300}'];

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

test('a record that was delivered is collected among the new objects', () => {
  const box = new Outbox({ maxBytes: 1e6, maxAgeMs: 1e6, monotonicMs: () => 0 });
  const inFlight: OutboxRecord[] = [];
  const sendOne = (n: number): void => {
    box.offer({ stream: 's', kind: 'prediction', payload: payloads[n % 3] ?? '', qos: 1 });
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
  assert.ok(perRecord < 1, `${perRecord} bytes of a record live long`);
});
