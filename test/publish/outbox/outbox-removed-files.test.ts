import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { systemError } from '../../support/faulty-file-system.js';
import { nameOf, names, useOutboxOnDisk } from './outbox-on-disk.js';

describe('an outbox of which somebody removes files', () => {
  const onDisk = useOutboxOnDisk();
  const { start, offer, files } = onDisk;

  /** Three files of 40, 38 and 36 predictions, and one of 5 events. */
  async function spillFourFiles(): Promise<string[]> {
    await start({ maxBytes: 32 * 32768 });
    for (const [count, kind] of [
      [40, 'prediction'],
      [38, 'prediction'],
      [36, 'prediction'],
      [5, 'event'],
    ] as const) {
      offer(names(count, `${kind}${count}-`), kind, 'x'.repeat(500));
      await onDisk.box.spill();
    }
    return files();
  }

  async function passSeconds(count: number): Promise<void> {
    for (let second = 0; second < count; second += 1) {
      onDisk.box.nowMs += 1000;
      await onDisk.box.outbox.tick();
    }
  }

  test('counts the records of a file that somebody removed before it was read, and says it once', async () => {
    const [, first = '', second = ''] = await spillFourFiles();
    assert.match(first, /^prediction-/);
    rmSync(join(onDisk.directory, second));
    await passSeconds(10);
    const { pending, dropped } = onDisk.box.outbox.stats;
    assert.deepEqual([pending, dropped.lost], [81, 38]);
    assert.deepEqual(onDisk.log.at('error'), [
      'records that waited on disk are lost: somebody removed their file',
    ]);
    const left = (await onDisk.box.drain()).map((record) => nameOf(record));
    assert.deepEqual(left, [
      ...names(5, 'event5-'),
      ...names(40, 'prediction40-'),
      ...names(36, 'prediction36-'),
    ]);
  });

  test('keeps its accounts where all of its files were removed, over a kill too', async () => {
    for (const name of await spillFourFiles()) {
      rmSync(join(onDisk.directory, name));
    }
    await passSeconds(10);
    assert.equal(onDisk.log.at('error').length, 1);
    offer(names(7, 'later'));
    await onDisk.box.spill();
    const { produced, pending, dropped } = onDisk.box.outbox.stats;
    assert.deepEqual([produced, pending, dropped.lost], [126, 7, 119]);
    // A process that is killed writes nothing more.
    await start();
    const found = onDisk.box.outbox.stats;
    assert.deepEqual([found.produced, found.pending, found.dropped.lost], [126, 7, 119]);
    assert.equal((await onDisk.box.drain()).length, 7);
  });

  test('takes no file for removed where the folder cannot be listed', async () => {
    await spillFourFiles();
    onDisk.fileSystem.fault = (call) => {
      if (call.startsWith('list')) {
        throw systemError('EMFILE');
      }
    };
    await passSeconds(10);
    onDisk.fileSystem.fault = () => {};
    assert.deepEqual(
      [onDisk.box.outbox.stats.pending, onDisk.box.outbox.stats.dropped.lost],
      [119, 0],
    );
    assert.deepEqual(onDisk.log.at('error'), []);
  });
});
