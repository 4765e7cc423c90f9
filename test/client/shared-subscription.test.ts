import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { LstmdSubscription } from '#src/client/index.js';
import { Broker, needsBroker } from '../support/broker.js';

test(
  'subscribers of a group share the records: each goes to one of them',
  { skip: needsBroker() },
  async (t) => {
    const broker = await Broker.start();
    t.after(() => broker.remove());
    const seqs: number[] = [];
    const counts = [0, 0];
    let haveAll: (() => void) | undefined;
    const all = new Promise<void>((resolve) => {
      haveAll = resolve;
    });
    for (const n of [0, 1]) {
      const subscription = await LstmdSubscription.open(broker.url, { shareGroup: 'loggers' });
      t.after(() => subscription.close());
      void (async () => {
        for await (const message of subscription) {
          assert.equal(message.kind, 'prediction');
          counts[n] = (counts[n] ?? 0) + 1;
          seqs.push(message.kind === 'prediction' ? message.record.seq : 0);
          if (seqs.length === 100) {
            haveAll?.();
          }
        }
      })();
    }
    const device = await connectAsync(broker.url);
    t.after(() => device.endAsync(true));
    for (let seq = 1; seq <= 100; seq += 1) {
      const payload = JSON.stringify({ ts: 1, boot: 1, seq, p: { run: 1 }, warm: true });
      await device.publishAsync('lstmd/box/pump/prediction', payload, { qos: 1 });
    }
    await all;
    assert.deepEqual(
      seqs.toSorted((a, b) => a - b),
      Array.from({ length: 100 }, (_, n) => n + 1),
    );
    assert.ok(counts.every((count) => count > 0));
  },
);
