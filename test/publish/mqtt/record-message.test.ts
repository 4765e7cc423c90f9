import assert from 'node:assert/strict';
import { test } from 'node:test';
import { payloadOf, topicOf } from '#src/publish/mqtt/record-message.js';
import { Topics } from '#src/publish/mqtt/topics.js';
import type { OutboxRecord } from '#src/publish/outbox/contract/record.js';
import { recordKinds } from '#src/publish/prediction/record.js';

const topics = new Topics('lstmd', 'press');
const record: OutboxRecord = {
  stream: 'spindle',
  kind: 'prediction',
  payload: '{"seq":1}',
  qos: 1,
  madeMs: 0,
  offsetMs: 0,
  bytes: 137,
  number: 1,
  isHistory: false,
};

test('a new record goes to the topic of its kind as it is', () => {
  for (const kind of recordKinds) {
    assert.equal(topicOf({ ...record, kind }, topics), `lstmd/press/spindle/${kind}`);
    assert.equal(payloadOf({ ...record, kind }), '{"seq":1}');
  }
});

test('a record that was on disk goes to the history, and says so and of which kind it is', () => {
  for (const kind of recordKinds) {
    const old = { ...record, kind, isHistory: true };
    assert.equal(topicOf(old, topics), 'lstmd/press/spindle/history');
    assert.equal(payloadOf(old), `{"history":true,"kind":"${kind}","seq":1}`);
  }
});
