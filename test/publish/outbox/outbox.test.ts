import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Outbox, type OutboxOptions } from '#src/publish/outbox/outbox.js';
import type { OutboxRecord } from '#src/publish/outbox/contract/record.js';
import { seededRandom } from '../../support/random.js';

function outbox(options: Partial<OutboxOptions> = {}): Outbox {
  return new Outbox({ maxBytes: 1e6, maxAgeMs: 1e6, monotonicMs: () => 0, ...options });
}

function offered(box: Outbox, ...payloads: string[]): Outbox {
  for (const payload of payloads) {
    box.offer({ stream: 's', kind: 'prediction', payload, qos: 1 });
  }
  return box;
}

function take(box: Outbox): OutboxRecord {
  const record = box.take();
  assert.ok(record);
  return record;
}

function rest(box: Outbox): string[] {
  const payloads: string[] = [];
  for (let record = box.take(); record; record = box.take()) {
    payloads.push(record.payload);
  }
  return payloads;
}

function assertAccounted(box: Outbox): void {
  const { produced, delivered, pending, dropped } = box.stats;
  const lost = dropped.overflow + dropped.expired + dropped.tooLarge + dropped.refused;
  assert.equal(produced, delivered + pending + lost);
}

describe('outbox', () => {
  test('gives records in order, and those of a broken connection again and first', () => {
    const box = offered(outbox(), 'a', 'b', 'c', 'd', 'e');
    const [a, b] = [take(box), take(box), take(box)];
    assert.ok(a && b);
    box.delivered(b);
    box.requeue();
    offered(box, 'f');
    box.delivered(a);
    assert.deepEqual(rest(box), ['a', 'c', 'd', 'e', 'f']);
    assert.equal(box.stats.delivered, 1);
    assertAccounted(box);
  });

  test('drops the oldest that waits over its bytes, and never what is in flight', () => {
    const box = offered(outbox({ maxBytes: 3 * 129 }), 'a', 'b', 'c');
    const a = take(box);
    offered(box, 'd', 'e');
    assert.deepEqual(box.stats.dropped, {
      overflow: 2,
      expired: 0,
      tooLarge: 0,
      refused: 0,
      lost: 0,
      unconfirmed: 0,
    });
    box.delivered(a);
    assert.deepEqual(rest(box), ['d', 'e']);
    assertAccounted(box);
  });

  test('drops what is larger than itself', () => {
    const box = offered(outbox({ maxBytes: 200 }), 'a', 'x'.repeat(100));
    assert.equal(box.stats.dropped.tooLarge, 1);
    assert.deepEqual(rest(box), ['a']);
  });

  test('drops what is too old, but only while it waits', () => {
    let nowMs = 0;
    const box = offered(outbox({ maxAgeMs: 100, monotonicMs: () => nowMs }), 'a', 'b');
    const a = take(box);
    nowMs = 100;
    offered(box, 'c');
    assert.equal(box.stats.dropped.expired, 0);
    nowMs = 101;
    assert.deepEqual(rest(box), ['c']);
    assert.equal(box.stats.dropped.expired, 1);
    assert.equal(box.timeLeftMs(a), -1);
    box.delivered(a);
    assert.equal(box.stats.delivered, 1);
    assertAccounted(box);
  });

  test('drops for want of room only what is not too old', () => {
    let nowMs = 0;
    const bounds = { maxBytes: 3 * 129, maxAgeMs: 100 };
    const box = offered(outbox({ ...bounds, monotonicMs: () => nowMs }), 'a', 'b');
    nowMs = 101;
    offered(box, 'c', 'd');
    const { overflow, expired } = box.stats.dropped;
    assert.deepEqual({ overflow, expired }, { overflow: 0, expired: 2 });
    assert.deepEqual(rest(box), ['c', 'd']);
    assertAccounted(box);
  });

  test('counts bytes, not characters', () => {
    const box = offered(outbox(), 'ä€');
    assert.equal(box.stats.bytes, 128 + 5);
    box.drop(take(box), 'refused');
    assert.equal(box.stats.bytes, 0);
    assert.equal(box.stats.dropped.refused, 1);
  });

  test('accounts for every record and keeps the order, whatever happens', () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const random = seededRandom(seed);
      let nowMs = 0;
      const maxBytes = 400 + random() * 4000;
      const box = outbox({ maxBytes, maxAgeMs: 50, monotonicMs: () => nowMs });
      const inFlight: OutboxRecord[] = [];
      const stale: OutboxRecord[] = [];
      const settled = new Set<string>();
      let produced = 0;
      let lastTaken = -1;
      for (let step = 0; step < 300; step += 1) {
        const choice = random();
        if (choice < 0.4) {
          offered(box, String(produced).padEnd(random() * 60));
          produced += 1;
        } else if (choice < 0.7) {
          const record = box.take();
          if (record === undefined) {
            continue;
          }
          assert.ok(!settled.has(record.payload), `seed ${seed}: taken again after its end`);
          assert.ok(Number(record.payload) > lastTaken, `seed ${seed}: out of order`);
          lastTaken = Number(record.payload);
          inFlight.push(record);
        } else if (choice < 0.9) {
          const [record] = inFlight.splice(random() * inFlight.length, 1);
          if (record === undefined) {
            continue;
          }
          settled.add(record.payload);
          if (random() < 0.8) {
            box.delivered(record);
          } else {
            box.drop(record, 'refused');
          }
        } else if (choice < 0.95) {
          box.requeue();
          lastTaken = -1;
          stale.push(...inFlight.splice(0));
          const late = stale[Math.floor(random() * stale.length)];
          if (late !== undefined) {
            box.delivered(late);
          }
        } else {
          nowMs += random() * 40;
        }
        assertAccounted(box);
        const { bytes, inFlight: count } = box.stats;
        assert.equal(count, inFlight.length);
        assert.ok(bytes <= maxBytes, `seed ${seed}: ${bytes} bytes`);
      }
      assert.equal(box.stats.produced, produced);
      for (const record of inFlight.splice(0)) {
        box.delivered(record);
      }
      rest(box);
      box.requeue();
      for (let record = box.take(); record; record = box.take()) {
        box.delivered(record);
      }
      assert.deepEqual([box.stats.pending, box.stats.bytes], [0, 0]);
      assertAccounted(box);
    }
  });
});
