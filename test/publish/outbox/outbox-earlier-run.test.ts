import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { systemError } from '../../support/faulty-file-system.js';
import { projectFile } from '../../support/project.js';
import { nameOf, names, useOutboxOnDisk } from './outbox-on-disk.js';

describe('an outbox with a disk, after an earlier run', () => {
  const onDisk = useOutboxOnDisk();
  const { start, offer, files } = onDisk;

  test('runs in memory where there is no disk at its start, and takes over what is on it later', async () => {
    await start();
    offer(names(10, 'old'));
    await onDisk.box.spill();
    onDisk.fileSystem.fault = (call) => {
      if (call.startsWith('list')) {
        throw systemError('EIO');
      }
    };
    await start();
    offer(names(5));
    assert.deepEqual((await onDisk.box.drain()).map(nameOf), names(5));
    onDisk.fileSystem.fault = () => {};
    await onDisk.box.spill();
    assert.equal(onDisk.box.unaccounted, 0);
    offer(names(5, 'new'));
    await onDisk.box.spill();
    assert.deepEqual((await onDisk.box.drain()).map(nameOf), [
      ...names(10, 'old'),
      ...names(5, 'new'),
    ]);
    assert.deepEqual(
      [onDisk.box.outbox.stats.produced, onDisk.box.outbox.stats.delivered],
      [20, 20],
    );
  });

  test('finds a batch once whose write failed and arrived all the same', async () => {
    await start();
    onDisk.fileSystem.fault = (call) => {
      if (/^(sync|truncate|remove) prediction/.test(call)) {
        throw systemError('EIO');
      }
    };
    offer(names(10));
    await onDisk.box.spill();
    onDisk.fileSystem.fault = (call) => {
      if (call.startsWith('remove')) {
        throw systemError('EIO');
      }
    };
    // Written again, and with others behind them.
    offer(names(10, 's'));
    await onDisk.box.spill();
    onDisk.fileSystem.fault = () => {};
    assert.equal(files().length, 2);
    await start();
    assert.equal(onDisk.box.outbox.pending, 20);
    assert.deepEqual((await onDisk.box.drain()).map(nameOf), [...names(10), ...names(10, 's')]);
    assert.equal(onDisk.box.outbox.stats.delivered, 20);
  });

  test('counts as unconfirmed, not as lost, what a killed process had in memory and had told of', async () => {
    await start();
    offer(names(10));
    await onDisk.box.spill();
    offer(names(7, 'm'));
    offer(['e'], 'event');
    const [live] = [await onDisk.box.take()];
    onDisk.box.outbox.delivered(live ?? assert.fail());
    // The accounts are written while 7 are in memory, and one more is made after them.
    await onDisk.box.drain((record) => record.isHistory);
    onDisk.box.nowMs += 9999;
    await onDisk.box.outbox.tick();
    offer(['late']);
    await start();
    const { produced, delivered, pending, dropped } = onDisk.box.outbox.stats;
    assert.deepEqual([produced, delivered, pending], [18, 11, 0]);
    assert.deepEqual([dropped.lost, dropped.unconfirmed], [0, 7]);
    assert.equal(onDisk.box.outbox.stats.disk?.uncleanEnds, 1);
  });

  test('counts as lost what is no longer readable after a stop', async () => {
    await start({ maxBytes: 32 * 8192 });
    offer(names(30), 'prediction', 'x'.repeat(100));
    await onDisk.box.spill();
    const [first = ''] = files();
    offer(names(30, 'more'), 'prediction', 'x'.repeat(100));
    await onDisk.box.spill();
    await onDisk.box.outbox.stop();
    rmSync(join(onDisk.directory, first));
    await start({ maxBytes: 32 * 8192 });
    const { produced, pending, dropped } = onDisk.box.outbox.stats;
    assert.deepEqual([produced, dropped.unconfirmed], [60, 0]);
    assert.ok(dropped.lost > 0);
    assert.equal(pending + dropped.lost, 60);
  });

  test('accounts for records that are no longer readable', async () => {
    await start();
    offer(names(200));
    await onDisk.box.spill();
    await onDisk.box.outbox.stop();
    const name = files().find((file) => file.startsWith('prediction')) ?? '';
    const path = join(onDisk.directory, name);
    const bytes = readFileSync(path);
    const whole = Buffer.from(bytes);
    for (let bit = 4096 * 8; bit < bytes.length * 8; bit += 997) {
      whole.copy(bytes);
      const at = bit >> 3;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(path, bytes);
      await start();
      const { pending, dropped } = onDisk.box.outbox.stats;
      const gone = dropped.lost + dropped.unconfirmed;
      assert.equal(pending + gone, 200);
      assert.ok(gone <= 1, `bit ${bit}: ${gone} lost`);
      const found = await onDisk.box.drain();
      const ids = found.map(nameOf);
      assert.deepEqual(
        ids,
        names(200).filter((id) => ids.includes(id)),
      );
      onDisk.box.outbox.requeue();
      for (const file of files()) {
        if (file !== name) {
          rmSync(join(onDisk.directory, file));
        }
      }
    }
  });

  test('delivers what an earlier version left, whose entries have a topic in place of the stream', async () => {
    cpSync(projectFile('test/publish/outbox/spool/topic-entries'), onDisk.directory, {
      recursive: true,
    });
    await start();
    const { produced, delivered, pending, dropped } = onDisk.box.outbox.stats;
    assert.deepEqual([produced, delivered, pending, dropped.lost], [7, 1, 6, 0]);
    assert.deepEqual(
      (await onDisk.box.drain()).map(({ stream, kind, payload }) => {
        return [stream, kind, (JSON.parse(payload) as { seq: number }).seq];
      }),
      [
        ['wearer', 'event', 3],
        ['wearer', 'prediction', 2],
        ['wearer', 'prediction', 3],
        ['wearer', 'prediction', 4],
        ['spindle', 'prediction', 1],
        ['wearer', 'prediction', 5],
      ],
    );
    // New entries follow the old ones, in files of their own.
    offer(['new']);
    await onDisk.box.spill();
    await start();
    assert.deepEqual([...new Set((await onDisk.box.drain()).map(({ stream }) => stream))], ['b']);
    assert.deepEqual([onDisk.box.outbox.stats.produced, onDisk.box.outbox.stats.delivered], [8, 8]);
  });

  test('counts as lost what a full disk did not take at the end, and the next start knows it', async () => {
    await start();
    offer(names(1233), 'prediction', 'x'.repeat(100));
    // A full disk takes what is written over, and nothing more.
    onDisk.fileSystem.fault = (call) => {
      if (/^write (event|prediction)-/.test(call)) {
        throw systemError('ENOSPC');
      }
    };
    assert.equal(await onDisk.box.outbox.stop(), 1233);
    assert.equal(onDisk.box.outbox.stats.dropped.lost, 1233);
    onDisk.fileSystem.fault = () => {};
    const { outbox } = await start();
    const { produced, pending, dropped, disk } = outbox.stats;
    assert.deepEqual([produced, pending, dropped.lost], [1233, 0, 1233]);
    assert.equal(disk?.uncleanEnds, 0);
  });
});
