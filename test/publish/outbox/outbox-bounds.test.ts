import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemError } from '../../support/faulty-file-system.js';
import { nameOf, names, useOutboxOnDisk } from './outbox-on-disk.js';

describe('the bounds of an outbox with a disk', () => {
  const onDisk = useOutboxOnDisk();
  const { start, offer, bytesOnDisk } = onDisk;

  for (const policy of ['drop-oldest', 'keep-events'] as const) {
    test(`keeps within its bytes: ${policy}`, async () => {
      const maxBytes = 1024 * 1024;
      await start({ policy, maxBytes });
      const filler = 'x'.repeat(1000);
      const events: string[] = [];
      for (let batch = 0; batch < 40; batch += 1) {
        offer(names(60, `${batch}-`), 'prediction', filler);
        offer([`e${batch}`], 'event', filler);
        events.push(`e${batch}`);
        await onDisk.box.spill();
        assert.ok(bytesOnDisk() <= maxBytes, `${bytesOnDisk()} bytes`);
        assert.equal(onDisk.box.unaccounted, 0);
      }
      const { dropped, pending } = onDisk.box.outbox.stats;
      assert.ok(dropped.overflow > 1000 && pending > 500, `${pending} left`);
      const left = await onDisk.box.drain();
      const predictions = left.filter(({ kind }) => kind === 'prediction').map(nameOf);
      const kept = left.filter(({ kind }) => kind === 'event').map(nameOf);
      const all = Array.from({ length: 40 }, (_, batch) => names(60, `${batch}-`)).flat();
      assert.deepEqual(predictions, all.slice(-predictions.length));
      if (policy === 'keep-events') {
        assert.deepEqual(kept, events);
      } else {
        assert.ok(kept.length > 0 && kept.length < 40, `${kept.length} events`);
      }
    });
  }

  test('drops of memory, too, predictions before events where it is told to', async () => {
    onDisk.fileSystem.fault = (call) => {
      if (call.startsWith('write')) {
        throw systemError('ENOSPC');
      }
    };
    await start({ policy: 'keep-events', memoryBytes: 10_000 });
    offer(names(20, 'e'), 'event');
    offer(names(200));
    await onDisk.box.outbox.tick();
    const left = await onDisk.box.drain();
    assert.deepEqual(left.slice(0, 20).map(nameOf), names(20, 'e'));
    assert.equal(left.at(-1) && nameOf(left.at(-1) ?? assert.fail()), 'r199');
  });

  test('drops what is too old, by the clock of this process and by that of the machine', async () => {
    const options = { maxAgeMs: 60_000 };
    await start(options);
    offer(names(10));
    await onDisk.box.spill();
    onDisk.box.nowMs += 30_000;
    offer(names(10, 's'));
    await onDisk.box.spill();
    onDisk.box.nowMs += 15_000;
    assert.deepEqual((await onDisk.box.drain(() => false)).map(nameOf), names(10, 's'));
    assert.deepEqual(
      [onDisk.box.outbox.stats.dropped.expired, onDisk.box.outbox.pending],
      [10, 10],
    );
    await onDisk.box.outbox.stop();
    // A restart 30 s later by the machine's clock.
    await start({ ...options, epochMs: 1_763_880_000_000 + onDisk.box.nowMs + 30_000 });
    assert.equal(onDisk.box.outbox.pending, 10);
    onDisk.box.nowMs += 10_000;
    const before = onDisk.fileSystem.calls.length;
    await onDisk.box.outbox.tick();
    assert.deepEqual([onDisk.box.outbox.stats.dropped.expired, onDisk.box.outbox.pending], [20, 0]);
    assert.ok(!onDisk.fileSystem.calls.slice(before).some((call) => call.startsWith('read')));
  });

  for (const [what, before, after] of [
    ['set back over the restart', undefined, 1_600_000_000_000],
    ['set only after they were made', 0, undefined],
  ] as const) {
    test(`keeps what it has where the clock was ${what}`, async () => {
      const maxAgeMs = 60_000;
      await start({ maxAgeMs, ...(before !== undefined && { epochMs: before }) });
      offer(names(10));
      await onDisk.box.spill();
      await start({ maxAgeMs, ...(after !== undefined && { epochMs: after }) });
      const first = (await onDisk.box.take()) ?? assert.fail();
      assert.equal(onDisk.box.outbox.timeLeftMs(first), maxAgeMs);
      onDisk.box.outbox.requeue();
      assert.equal((await onDisk.box.drain()).length, 10);
    });
  }

  test('writes no more a day than it may', async () => {
    const bytesPerDay = 1_200_000;
    await start({ bytesPerDay });
    for (let batch = 0; batch < 10; batch += 1) {
      offer(names(20, `${batch}-`), 'prediction', 'x'.repeat(10_000));
      await onDisk.box.spill();
    }
    const { disk } = onDisk.box.outbox.stats;
    assert.ok((disk?.bytesWritten ?? 0) <= bytesPerDay, `${disk?.bytesWritten} bytes`);
    assert.match(JSON.stringify(onDisk.log.lines), /diskBytesPerDay \(1200000\) are used up/);
    assert.ok((disk?.records ?? 0) < 120);
    assert.equal(onDisk.box.outbox.pending, 200);
    onDisk.box.nowMs += 86_400_000;
    await onDisk.box.spill();
    assert.equal(onDisk.box.outbox.stats.disk?.records, 200);
  });
});
