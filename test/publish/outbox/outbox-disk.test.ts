import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DiskOutbox } from '../../support/disk-outbox.js';
import { systemError } from '../../support/faulty-file-system.js';
import { nameOf, names, useOutboxOnDisk } from './outbox-on-disk.js';

describe('an outbox with a disk', () => {
  const onDisk = useOutboxOnDisk();
  const { start, offer, files, bytesOnDisk, writes } = onDisk;

  test('does not touch the disk for what waits a short while', async () => {
    await start();
    const before = onDisk.fileSystem.calls.length;
    offer(names(100));
    onDisk.box.nowMs += onDisk.box.afterMs - 1;
    await onDisk.box.outbox.tick();
    assert.equal(onDisk.fileSystem.calls.length, before);
    const taken = await onDisk.box.drain();
    assert.deepEqual(taken.map(nameOf), names(100));
    assert.ok(taken.every(({ kind, isHistory }) => kind === 'prediction' && !isHistory));
  });

  test('writes what waits long in one go: one write and one sync, however many there are', async () => {
    await start();
    onDisk.fileSystem.calls.length = 0;
    offer(names(1000));
    await onDisk.box.spill();
    assert.equal(onDisk.box.outbox.stats.bytes, 0);
    assert.deepEqual(
      onDisk.fileSystem.calls.map((call) => call.split(' ')[0]),
      ['stat', 'write', 'sync'],
    );
    assert.deepEqual((await onDisk.box.drain()).map(nameOf), names(1000));
  });

  test('goes to disk when half of its memory is full, without waiting', async () => {
    await start({ memoryBytes: 100_000 });
    offer(names(1000), 'prediction', 'x'.repeat(100));
    for (let i = 0; onDisk.box.outbox.isWriting && i < 1000; i += 1) {
      await onDisk.box.outbox.tick();
    }
    const { dropped, bytes, disk } = onDisk.box.outbox.stats;
    assert.ok(bytes <= 100_000);
    assert.ok((disk?.records ?? 0) > 100);
    // All were offered in one turn of the loop, in which nothing can be written.
    assert.equal(dropped.overflow + onDisk.box.outbox.pending, 1000);
  });

  test('gives new records first, and of the history only so many a second', async () => {
    await start({ historyPerSecond: 20 });
    offer(names(100));
    await onDisk.box.spill();
    onDisk.box.nowMs += 1000;
    offer(names(3, 'new'));
    const first = [
      await onDisk.box.take(),
      await onDisk.box.take(),
      await onDisk.box.take(),
      await onDisk.box.take(),
    ];
    assert.deepEqual(
      first.map((record) => record && [record.isHistory, nameOf(record)]),
      [
        [false, 'new0'],
        [false, 'new1'],
        [false, 'new2'],
        [true, 'r0'],
      ],
    );
    for (const record of first) {
      if (record !== undefined) {
        onDisk.box.outbox.delivered(record);
      }
    }
    let seconds = 0;
    for (let left = 99; left > 0; seconds += 0.1) {
      onDisk.box.nowMs += 100;
      let taken = 0;
      for (
        let record = await onDisk.box.take();
        record !== undefined;
        record = await onDisk.box.take()
      ) {
        onDisk.box.outbox.delivered(record);
        taken += 1;
      }
      assert.ok(taken <= 2, `${taken} in a tenth of a second`);
      left -= taken;
    }
    assert.ok(seconds >= 4.8 && seconds <= 5.2, `${seconds} s for 99 records at 20 a second`);
  });

  test('has few of the history in flight, and takes them again when the connection breaks', async () => {
    await start();
    offer(names(50));
    await onDisk.box.spill();
    const first = await onDisk.box.drain(() => false);
    assert.equal(first.length, 16);
    onDisk.box.outbox.delivered(first[1] ?? assert.fail());
    onDisk.box.outbox.requeue();
    onDisk.box.outbox.delivered(first[2] ?? assert.fail());
    assert.equal(onDisk.box.unaccounted, 0);
    const rest = await onDisk.box.drain();
    assert.deepEqual(
      rest.map(nameOf),
      names(50).filter((id) => id !== 'r1'),
    );
    assert.equal(onDisk.box.outbox.stats.delivered, 50);
  });

  test('gives what comes from disk as history, events first, with all that it was', async () => {
    await start();
    offer(['a']);
    offer(['b'], 'event');
    await onDisk.box.spill();
    assert.deepEqual(
      (await onDisk.box.drain()).map(({ stream, kind, payload, qos, isHistory }) => {
        return { stream, kind, payload, qos, isHistory };
      }),
      [
        { kind: 'event' as const, id: 'b' },
        { kind: 'prediction' as const, id: 'a' },
      ].map(({ kind, id }) => {
        const payload = `{"id":"${id}","filler":""}`;
        return { stream: 'b', kind, payload, qos: 1, isHistory: true };
      }),
    );
  });

  test('stays in memory while the disk is full, says so once a minute, and goes on when it can', async () => {
    await start();
    onDisk.fileSystem.fault = (call) => {
      if (call.startsWith('write')) {
        throw systemError('ENOSPC');
      }
    };
    offer(names(100));
    for (let i = 0; i < 12; i += 1) {
      await onDisk.box.spill();
    }
    assert.equal(onDisk.box.outbox.stats.pending, 100);
    assert.deepEqual(onDisk.log.at('error').length, 2);
    assert.match(JSON.stringify(onDisk.log.lines), /ENOSPC/);
    // One file is there from before: what could not be written leaves none behind.
    assert.equal(files().length, 1);
    onDisk.fileSystem.fault = () => {};
    await onDisk.box.spill();
    assert.equal(onDisk.box.outbox.stats.bytes, 0);
    assert.ok(onDisk.log.at('info').some((line) => /again/.test(line)));
    assert.deepEqual((await onDisk.box.drain()).map(nameOf), names(100));
  });

  test('writes an account of what was delivered before long, and removes what is settled', async () => {
    await start();
    for (let batch = 0; batch < 3; batch += 1) {
      offer(names(100, `${batch}-`));
      await onDisk.box.spill();
      await onDisk.box.drain();
      onDisk.box.nowMs += 10_000;
      await onDisk.box.outbox.tick();
      onDisk.box.nowMs += 10_000;
      await onDisk.box.outbox.tick();
    }
    assert.ok(files().length <= 2, files().join());
    const before = writes();
    for (let second = 0; second < 600; second += 1) {
      onDisk.box.nowMs += 1000;
      await onDisk.box.outbox.tick();
    }
    assert.ok(writes() - before <= 1, 'an account of nothing new');
    await start();
    assert.deepEqual([onDisk.box.outbox.pending, onDisk.box.outbox.stats.delivered], [0, 300]);
  });

  for (const fault of ['was removed by somebody else', 'cannot be removed'] as const) {
    test(`goes on removing settled files where one ${fault}`, async () => {
      const maxBytes = 32 * 4096;
      await start({ maxBytes });
      const spillAFile = async (round: number): Promise<string> => {
        const before = new Set(files());
        offer(names(5, `${round}-`), 'prediction', 'x'.repeat(300));
        await onDisk.box.spill();
        return files().find((name) => !before.has(name)) ?? '';
      };
      const victim = await spillAFile(0);
      assert.match(victim, /^prediction-/);
      await spillAFile(1);
      if (fault === 'cannot be removed') {
        onDisk.fileSystem.fault = (call) => {
          if (call === `remove ${victim}`) {
            throw systemError('EPERM');
          }
        };
      } else {
        rmSync(join(onDisk.directory, victim));
      }
      for (let round = 2; round < 40; round += 1) {
        await spillAFile(round);
        await onDisk.box.drain();
        onDisk.box.nowMs += 10_000;
        await onDisk.box.outbox.tick();
        assert.ok(bytesOnDisk() <= maxBytes, `${bytesOnDisk()} bytes: ${files().join()}`);
      }
      const errors = new Set(onDisk.log.at('error').map((message) => message.split(':')[0]));
      const said =
        fault === 'cannot be removed'
          ? 'a file of records that are settled cannot be removed'
          : 'records that waited on disk are lost';
      assert.deepEqual([...errors], [said]);
      const { lost } = onDisk.box.outbox.stats.dropped;
      assert.equal(lost, fault === 'cannot be removed' ? 0 : 5);
    });
  }

  test('leaves the disk alone before its start', async () => {
    onDisk.box = new DiskOutbox({ fileSystem: onDisk.fileSystem, directory: onDisk.directory });
    offer(names(3));
    await onDisk.box.spill();
    await onDisk.box.outbox.stop();
    assert.deepEqual(onDisk.fileSystem.calls, []);
  });
});
