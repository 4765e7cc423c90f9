import assert from 'node:assert/strict';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { OutboxRecord } from '#src/publish/outbox/contract/record.js';
import type { RecordKind } from '#src/publish/prediction/record.js';
import { DiskOutbox, type DiskOutboxOptions } from '../../support/disk-outbox.js';
import { FaultyFileSystem, systemError } from '../../support/faulty-file-system.js';
import { projectFile } from '../../support/project.js';
import { RecordedLog } from '../../support/recorded-log.js';

const nameOf = ({ payload }: OutboxRecord): string => (JSON.parse(payload) as { id: string }).id;
const names = (count: number, prefix = 'r'): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe('an outbox with a disk', () => {
  let directory: string;
  let fileSystem: FaultyFileSystem;
  let log: RecordedLog;
  let box: DiskOutbox;

  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'lstmd-outbox-')), 'outbox');
    fileSystem = new FaultyFileSystem();
    log = new RecordedLog();
  });

  afterEach(() => {
    assert.equal(box.unaccounted, 0);
    rmSync(join(directory, '..'), { recursive: true });
  });

  /** A new process on the same directory. */
  async function start(options: Partial<DiskOutboxOptions> = {}): Promise<DiskOutbox> {
    box = new DiskOutbox({ fileSystem, directory, log, ...options });
    await box.outbox.start();
    return box;
  }

  function offer(ids: readonly string[], kind: RecordKind = 'prediction', filler = ''): void {
    for (const id of ids) {
      box.outbox.offer({ stream: 'b', kind, payload: JSON.stringify({ id, filler }), qos: 1 });
    }
  }

  /** The files of the log, without the page that is kept for its last accounts. */
  const files = (): string[] =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.log'))
      .sort();
  const bytesOnDisk = (): number =>
    files().reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  const writes = (): number => fileSystem.calls.filter((call) => /^write .*log$/.test(call)).length;

  test('does not touch the disk for what waits a short while', async () => {
    await start();
    const before = fileSystem.calls.length;
    offer(names(100));
    box.nowMs += box.afterMs - 1;
    await box.outbox.tick();
    assert.equal(fileSystem.calls.length, before);
    const taken = await box.drain();
    assert.deepEqual(taken.map(nameOf), names(100));
    assert.ok(taken.every(({ kind, isHistory }) => kind === 'prediction' && !isHistory));
  });

  test('writes what waits long in one go: one write and one sync, however many there are', async () => {
    await start();
    fileSystem.calls.length = 0;
    offer(names(1000));
    await box.spill();
    assert.equal(box.outbox.stats.bytes, 0);
    assert.deepEqual(
      fileSystem.calls.map((call) => call.split(' ')[0]),
      ['stat', 'write', 'sync'],
    );
    assert.deepEqual((await box.drain()).map(nameOf), names(1000));
  });

  test('goes to disk when half of its memory is full, without waiting', async () => {
    await start({ memoryBytes: 100_000 });
    offer(names(1000), 'prediction', 'x'.repeat(100));
    for (let i = 0; box.outbox.isWriting && i < 1000; i += 1) {
      await box.outbox.tick();
    }
    const { dropped, bytes, disk } = box.outbox.stats;
    assert.ok(bytes <= 100_000);
    assert.ok((disk?.records ?? 0) > 100);
    // All were offered in one turn of the loop, in which nothing can be written.
    assert.equal(dropped.overflow + box.outbox.pending, 1000);
  });

  test('gives new records first, and of the history only so many a second', async () => {
    await start({ historyPerSecond: 20 });
    offer(names(100));
    await box.spill();
    box.nowMs += 1000;
    offer(names(3, 'new'));
    const first = [await box.take(), await box.take(), await box.take(), await box.take()];
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
        box.outbox.delivered(record);
      }
    }
    let seconds = 0;
    for (let left = 99; left > 0; seconds += 0.1) {
      box.nowMs += 100;
      let taken = 0;
      for (let record = await box.take(); record !== undefined; record = await box.take()) {
        box.outbox.delivered(record);
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
    await box.spill();
    const first = await box.drain(() => false);
    assert.equal(first.length, 16);
    box.outbox.delivered(first[1] ?? assert.fail());
    box.outbox.requeue();
    box.outbox.delivered(first[2] ?? assert.fail());
    assert.equal(box.unaccounted, 0);
    const rest = await box.drain();
    assert.deepEqual(
      rest.map(nameOf),
      names(50).filter((id) => id !== 'r1'),
    );
    assert.equal(box.outbox.stats.delivered, 50);
  });

  test('gives what comes from disk as history, events first, with all that it was', async () => {
    await start();
    offer(['a']);
    offer(['b'], 'event');
    await box.spill();
    assert.deepEqual(
      (await box.drain()).map(({ stream, kind, payload, qos, isHistory }) => {
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
        await box.spill();
        assert.ok(bytesOnDisk() <= maxBytes, `${bytesOnDisk()} bytes`);
        assert.equal(box.unaccounted, 0);
      }
      const { dropped, pending } = box.outbox.stats;
      assert.ok(dropped.overflow > 1000 && pending > 500, `${pending} left`);
      const left = await box.drain();
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
    fileSystem.fault = (call) => {
      if (call.startsWith('write')) {
        throw systemError('ENOSPC');
      }
    };
    await start({ policy: 'keep-events', memoryBytes: 10_000 });
    offer(names(20, 'e'), 'event');
    offer(names(200));
    await box.outbox.tick();
    const left = await box.drain();
    assert.deepEqual(left.slice(0, 20).map(nameOf), names(20, 'e'));
    assert.equal(left.at(-1) && nameOf(left.at(-1) ?? assert.fail()), 'r199');
  });

  test('drops what is too old, by the clock of this process and by that of the machine', async () => {
    const options = { maxAgeMs: 60_000 };
    await start(options);
    offer(names(10));
    await box.spill();
    box.nowMs += 30_000;
    offer(names(10, 's'));
    await box.spill();
    box.nowMs += 15_000;
    assert.deepEqual((await box.drain(() => false)).map(nameOf), names(10, 's'));
    assert.deepEqual([box.outbox.stats.dropped.expired, box.outbox.pending], [10, 10]);
    await box.outbox.stop();
    // A restart 30 s later by the machine's clock.
    await start({ ...options, epochMs: 1_763_880_000_000 + box.nowMs + 30_000 });
    assert.equal(box.outbox.pending, 10);
    box.nowMs += 10_000;
    const before = fileSystem.calls.length;
    await box.outbox.tick();
    assert.deepEqual([box.outbox.stats.dropped.expired, box.outbox.pending], [20, 0]);
    assert.ok(!fileSystem.calls.slice(before).some((call) => call.startsWith('read')));
  });

  for (const [what, before, after] of [
    ['set back over the restart', undefined, 1_600_000_000_000],
    ['set only after they were made', 0, undefined],
  ] as const) {
    test(`keeps what it has where the clock was ${what}`, async () => {
      const maxAgeMs = 60_000;
      await start({ maxAgeMs, ...(before !== undefined && { epochMs: before }) });
      offer(names(10));
      await box.spill();
      await start({ maxAgeMs, ...(after !== undefined && { epochMs: after }) });
      const first = (await box.take()) ?? assert.fail();
      assert.equal(box.outbox.timeLeftMs(first), maxAgeMs);
      box.outbox.requeue();
      assert.equal((await box.drain()).length, 10);
    });
  }

  test('stays in memory while the disk is full, says so once a minute, and goes on when it can', async () => {
    await start();
    fileSystem.fault = (call) => {
      if (call.startsWith('write')) {
        throw systemError('ENOSPC');
      }
    };
    offer(names(100));
    for (let i = 0; i < 12; i += 1) {
      await box.spill();
    }
    assert.equal(box.outbox.stats.pending, 100);
    assert.deepEqual(log.at('error').length, 2);
    assert.match(JSON.stringify(log.lines), /ENOSPC/);
    // One file is there from before: what could not be written leaves none behind.
    assert.equal(files().length, 1);
    fileSystem.fault = () => {};
    await box.spill();
    assert.equal(box.outbox.stats.bytes, 0);
    assert.ok(log.at('info').some((line) => /again/.test(line)));
    assert.deepEqual((await box.drain()).map(nameOf), names(100));
  });

  test('runs in memory where there is no disk at its start, and takes over what is on it later', async () => {
    await start();
    offer(names(10, 'old'));
    await box.spill();
    fileSystem.fault = (call) => {
      if (call.startsWith('list')) {
        throw systemError('EIO');
      }
    };
    await start();
    offer(names(5));
    assert.deepEqual((await box.drain()).map(nameOf), names(5));
    fileSystem.fault = () => {};
    await box.spill();
    assert.equal(box.unaccounted, 0);
    offer(names(5, 'new'));
    await box.spill();
    assert.deepEqual((await box.drain()).map(nameOf), [...names(10, 'old'), ...names(5, 'new')]);
    assert.deepEqual([box.outbox.stats.produced, box.outbox.stats.delivered], [20, 20]);
  });

  test('finds a batch once whose write failed and arrived all the same', async () => {
    await start();
    fileSystem.fault = (call) => {
      if (/^(sync|truncate|remove) prediction/.test(call)) {
        throw systemError('EIO');
      }
    };
    offer(names(10));
    await box.spill();
    fileSystem.fault = (call) => {
      if (call.startsWith('remove')) {
        throw systemError('EIO');
      }
    };
    // Written again, and with others behind them.
    offer(names(10, 's'));
    await box.spill();
    fileSystem.fault = () => {};
    assert.equal(files().length, 2);
    await start();
    assert.equal(box.outbox.pending, 20);
    assert.deepEqual((await box.drain()).map(nameOf), [...names(10), ...names(10, 's')]);
    assert.equal(box.outbox.stats.delivered, 20);
  });

  test('writes no more a day than it may', async () => {
    const bytesPerDay = 1_200_000;
    await start({ bytesPerDay });
    for (let batch = 0; batch < 10; batch += 1) {
      offer(names(20, `${batch}-`), 'prediction', 'x'.repeat(10_000));
      await box.spill();
    }
    const { disk } = box.outbox.stats;
    assert.ok((disk?.bytesWritten ?? 0) <= bytesPerDay, `${disk?.bytesWritten} bytes`);
    assert.match(JSON.stringify(log.lines), /diskBytesPerDay \(1200000\) are used up/);
    assert.ok((disk?.records ?? 0) < 120);
    assert.equal(box.outbox.pending, 200);
    box.nowMs += 86_400_000;
    await box.spill();
    assert.equal(box.outbox.stats.disk?.records, 200);
  });

  test('counts as unconfirmed, not as lost, what a killed process had in memory and had told of', async () => {
    await start();
    offer(names(10));
    await box.spill();
    offer(names(7, 'm'));
    offer(['e'], 'event');
    const [live] = [await box.take()];
    box.outbox.delivered(live ?? assert.fail());
    // The accounts are written while 7 are in memory, and one more is made after them.
    await box.drain((record) => record.isHistory);
    box.nowMs += 9999;
    await box.outbox.tick();
    offer(['late']);
    await start();
    const { produced, delivered, pending, dropped } = box.outbox.stats;
    assert.deepEqual([produced, delivered, pending], [18, 11, 0]);
    assert.deepEqual([dropped.lost, dropped.unconfirmed], [0, 7]);
    assert.equal(box.outbox.stats.disk?.uncleanEnds, 1);
  });

  test('counts as lost what is no longer readable after a stop', async () => {
    await start({ maxBytes: 32 * 8192 });
    offer(names(30), 'prediction', 'x'.repeat(100));
    await box.spill();
    const [first = ''] = files();
    offer(names(30, 'more'), 'prediction', 'x'.repeat(100));
    await box.spill();
    await box.outbox.stop();
    rmSync(join(directory, first));
    await start({ maxBytes: 32 * 8192 });
    const { produced, pending, dropped } = box.outbox.stats;
    assert.deepEqual([produced, dropped.unconfirmed], [60, 0]);
    assert.ok(dropped.lost > 0);
    assert.equal(pending + dropped.lost, 60);
  });

  test('accounts for records that are no longer readable', async () => {
    await start();
    offer(names(200));
    await box.spill();
    await box.outbox.stop();
    const name = files().find((file) => file.startsWith('prediction')) ?? '';
    const path = join(directory, name);
    const bytes = readFileSync(path);
    const whole = Buffer.from(bytes);
    for (let bit = 4096 * 8; bit < bytes.length * 8; bit += 997) {
      whole.copy(bytes);
      const at = bit >> 3;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(path, bytes);
      await start();
      const { pending, dropped } = box.outbox.stats;
      const gone = dropped.lost + dropped.unconfirmed;
      assert.equal(pending + gone, 200);
      assert.ok(gone <= 1, `bit ${bit}: ${gone} lost`);
      const found = await box.drain();
      const ids = found.map(nameOf);
      assert.deepEqual(
        ids,
        names(200).filter((id) => ids.includes(id)),
      );
      box.outbox.requeue();
      for (const file of files()) {
        if (file !== name) {
          rmSync(join(directory, file));
        }
      }
    }
  });

  test('writes an account of what was delivered before long, and removes what is settled', async () => {
    await start();
    for (let batch = 0; batch < 3; batch += 1) {
      offer(names(100, `${batch}-`));
      await box.spill();
      await box.drain();
      box.nowMs += 10_000;
      await box.outbox.tick();
      box.nowMs += 10_000;
      await box.outbox.tick();
    }
    assert.ok(files().length <= 2, files().join());
    const before = writes();
    for (let second = 0; second < 600; second += 1) {
      box.nowMs += 1000;
      await box.outbox.tick();
    }
    assert.ok(writes() - before <= 1, 'an account of nothing new');
    await start();
    assert.deepEqual([box.outbox.pending, box.outbox.stats.delivered], [0, 300]);
  });

  for (const fault of ['was removed by somebody else', 'cannot be removed'] as const) {
    test(`goes on removing settled files where one ${fault}`, async () => {
      const maxBytes = 32 * 4096;
      await start({ maxBytes });
      const spillAFile = async (round: number): Promise<string> => {
        const before = new Set(files());
        offer(names(5, `${round}-`), 'prediction', 'x'.repeat(300));
        await box.spill();
        return files().find((name) => !before.has(name)) ?? '';
      };
      const victim = await spillAFile(0);
      assert.match(victim, /^prediction-/);
      await spillAFile(1);
      if (fault === 'cannot be removed') {
        fileSystem.fault = (call) => {
          if (call === `remove ${victim}`) {
            throw systemError('EPERM');
          }
        };
      } else {
        rmSync(join(directory, victim));
      }
      for (let round = 2; round < 40; round += 1) {
        await spillAFile(round);
        await box.drain();
        box.nowMs += 10_000;
        await box.outbox.tick();
        assert.ok(bytesOnDisk() <= maxBytes, `${bytesOnDisk()} bytes: ${files().join()}`);
      }
      const errors = new Set(log.at('error').map((message) => message.split(':')[0]));
      const said =
        fault === 'cannot be removed'
          ? 'a file of records that are settled cannot be removed'
          : 'records that waited on disk are lost';
      assert.deepEqual([...errors], [said]);
      const { lost } = box.outbox.stats.dropped;
      assert.equal(lost, fault === 'cannot be removed' ? 0 : 5);
    });
  }

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
      await box.spill();
    }
    return files();
  }

  async function passSeconds(count: number): Promise<void> {
    for (let second = 0; second < count; second += 1) {
      box.nowMs += 1000;
      await box.outbox.tick();
    }
  }

  test('counts the records of a file that somebody removed before it was read, and says it once', async () => {
    const [, first = '', second = ''] = await spillFourFiles();
    assert.match(first, /^prediction-/);
    rmSync(join(directory, second));
    await passSeconds(10);
    const { pending, dropped } = box.outbox.stats;
    assert.deepEqual([pending, dropped.lost], [81, 38]);
    assert.deepEqual(log.at('error'), [
      'records that waited on disk are lost: somebody removed their file',
    ]);
    const left = (await box.drain()).map((record) => nameOf(record));
    assert.deepEqual(left, [
      ...names(5, 'event5-'),
      ...names(40, 'prediction40-'),
      ...names(36, 'prediction36-'),
    ]);
  });

  test('keeps its accounts where all of its files were removed, over a kill too', async () => {
    for (const name of await spillFourFiles()) {
      rmSync(join(directory, name));
    }
    await passSeconds(10);
    assert.equal(log.at('error').length, 1);
    offer(names(7, 'later'));
    await box.spill();
    const { produced, pending, dropped } = box.outbox.stats;
    assert.deepEqual([produced, pending, dropped.lost], [126, 7, 119]);
    // A process that is killed writes nothing more.
    await start();
    const found = box.outbox.stats;
    assert.deepEqual([found.produced, found.pending, found.dropped.lost], [126, 7, 119]);
    assert.equal((await box.drain()).length, 7);
  });

  test('takes no file for removed where the folder cannot be listed', async () => {
    await spillFourFiles();
    fileSystem.fault = (call) => {
      if (call.startsWith('list')) {
        throw systemError('EMFILE');
      }
    };
    await passSeconds(10);
    fileSystem.fault = () => {};
    assert.deepEqual([box.outbox.stats.pending, box.outbox.stats.dropped.lost], [119, 0]);
    assert.deepEqual(log.at('error'), []);
  });

  test('delivers what an earlier version left, whose entries have a topic in place of the stream', async () => {
    cpSync(projectFile('test/publish/outbox/spool/topic-entries'), directory, { recursive: true });
    await start();
    const { produced, delivered, pending, dropped } = box.outbox.stats;
    assert.deepEqual([produced, delivered, pending, dropped.lost], [7, 1, 6, 0]);
    assert.deepEqual(
      (await box.drain()).map(({ stream, kind, payload }) => {
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
    await box.spill();
    await start();
    assert.deepEqual([...new Set((await box.drain()).map(({ stream }) => stream))], ['b']);
    assert.deepEqual([box.outbox.stats.produced, box.outbox.stats.delivered], [8, 8]);
  });

  test('counts as lost what a full disk did not take at the end, and the next start knows it', async () => {
    await start();
    offer(names(1233), 'prediction', 'x'.repeat(100));
    // A full disk takes what is written over, and nothing more.
    fileSystem.fault = (call) => {
      if (/^write (event|prediction)-/.test(call)) {
        throw systemError('ENOSPC');
      }
    };
    assert.equal(await box.outbox.stop(), 1233);
    assert.equal(box.outbox.stats.dropped.lost, 1233);
    fileSystem.fault = () => {};
    const { outbox } = await start();
    const { produced, pending, dropped, disk } = outbox.stats;
    assert.deepEqual([produced, pending, dropped.lost], [1233, 0, 1233]);
    assert.equal(disk?.uncleanEnds, 0);
  });

  test('leaves the disk alone before its start', async () => {
    box = new DiskOutbox({ fileSystem, directory });
    offer(names(3));
    await box.spill();
    await box.outbox.stop();
    assert.deepEqual(fileSystem.calls, []);
  });
});
