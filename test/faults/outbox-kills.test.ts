import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutboxRecord } from '#src/publish/outbox/contract/record.js';
import type { FileSystem, OpenFile } from '#src/platform/file-system.js';
import { DiskOutbox } from '../support/disk-outbox.js';
import { Draw } from '../support/draw.js';
import { systemError } from '../support/faulty-file-system.js';
import { RecordedLog } from '../support/recorded-log.js';
import { CrashFileSystem, emptyDisk } from './crash-file-system.js';
import { isLong } from './long-run.js';

const nameOf = ({ payload }: OutboxRecord): string => (JSON.parse(payload) as { id: string }).id;

/** A file system of which each call may fail, and a failed write or sync may have done its work. */
function failing(
  fileSystem: FileSystem,
  draw: Draw,
  probability: () => number,
  readsFail: boolean,
): FileSystem {
  const call = async <T>(act: () => Promise<T>, mayArrive = false): Promise<T> => {
    if (!draw.chance(probability())) {
      return act();
    }
    if (mayArrive && draw.chance(0.5)) {
      await act();
    }
    throw systemError(draw.one(['EIO', 'ENOSPC', 'EROFS']));
  };
  const openFile = (file: OpenFile): OpenFile => ({
    stat: () => call(() => file.stat()),
    truncate: (size) => call(() => file.truncate(size)),
    write: (bytes, position) => call(() => file.write(bytes, position), true),
    sync: () => call(() => file.sync(), true),
    close: () => file.close(),
  });
  return {
    makeDirectory: (path) => call(() => fileSystem.makeDirectory(path)),
    list: (path) => call(() => fileSystem.list(path)),
    read: (path) => (readsFail ? call(() => fileSystem.read(path)) : fileSystem.read(path)),
    open: (path) => call(async () => openFile(await fileSystem.open(path))),
    rename: (from, to) => fileSystem.rename(from, to),
    remove: (path) => call(() => fileSystem.remove(path)),
    syncDirectory: (path) => call(() => fileSystem.syncDirectory(path)),
  };
}

/** One device's life, of several processes on one disk. Returns how often it was killed. */
async function live(seed: number, steps: number): Promise<number> {
  const draw = new Draw(seed);
  const isRoomy = draw.chance(0.5);
  const readsFail = draw.chance(0.3);
  let failureRate = 0;
  const disk = failing(new CrashFileSystem(emptyDisk), draw, () => failureRate, readsFail);
  let wallMs = 1_763_880_000_000;
  let kills = 0;
  let made = 0;
  const delivered = new Set<string>();
  /** Gone from memory of a process: on disk, or settled. */
  const durable = new Set<string>();
  let memory: string[] = [];
  let inFlight: OutboxRecord[] = [];

  const log = new RecordedLog();
  const begin = async (): Promise<DiskOutbox> => {
    const box = new DiskOutbox({
      log,
      fileSystem: disk,
      epochMs: wallMs,
      policy: draw.one(['drop-oldest', 'keep-events'] as const),
      maxBytes: isRoomy ? 1e9 : 32 * 1024,
      memoryBytes: isRoomy ? 1e9 : 4000,
      maxAgeMs: isRoomy ? 1e12 : 100_000,
    });
    await box.outbox.start();
    return box;
  };
  const noteDurable = (): void => {
    if (box.outbox.stats.bytes > 0) {
      return;
    }
    for (const id of memory) {
      durable.add(id);
    }
    memory = [];
  };
  const restart = async (): Promise<void> => {
    wallMs += box.nowMs;
    inFlight = [];
    memory = [];
    box = await begin();
  };

  let box = await begin();
  for (let step = 0; step < steps; step += 1) {
    const choice = draw.whole(0, 99);
    if (choice < 40) {
      const id = `${(made += 1)}`;
      memory.push(id);
      const kind = draw.chance(0.2) ? 'event' : 'prediction';
      const payload = `{"id":"${id}","f":"${id.repeat(draw.whole(0, 40))}"}`;
      box.outbox.offer({ stream: 't', kind, payload, qos: 1 });
    } else if (choice < 65) {
      const record = await box.take();
      if (record !== undefined) {
        inFlight.push(record);
      }
    } else if (choice < 82) {
      const [record] = inFlight.splice(draw.whole(0, inFlight.length), 1);
      if (record === undefined) {
        continue;
      }
      delivered.add(nameOf(record));
      box.outbox.delivered(record);
    } else if (choice < 85) {
      box.outbox.requeue();
      inFlight = [];
    } else if (choice < 95) {
      box.nowMs += draw.whole(0, 12_000);
      await box.outbox.tick();
      noteDurable();
    } else if (choice < 97) {
      failureRate = draw.one([0, 0, 0.1, 0.5, 1]);
    } else if (choice < 99) {
      kills += 1;
      // A write that is under way comes to its end, as it would in the kernel.
      await box.outbox.tick();
      await restart();
    } else {
      const { lost } = box.outbox.stats.dropped;
      await box.outbox.stop();
      // A disk that takes no more at the end loses records, and counts them.
      if (box.outbox.stats.dropped.lost === lost) {
        noteDurable();
      }
      await restart();
    }
    assert.equal(box.unaccounted, 0, `seed ${seed}, step ${step}`);
    const { produced, dropped, pending } = box.outbox.stats;
    assert.ok(produced <= made && pending >= 0, `seed ${seed}, step ${step}`);
    assert.ok(Object.values(dropped).every((count) => count >= 0));
  }
  failureRate = 0;
  box.outbox.requeue();
  await box.spill();
  await box.spill();
  for (const record of await box.drain()) {
    delivered.add(nameOf(record));
  }
  assert.equal(box.unaccounted, 0, `seed ${seed}`);
  assert.equal(box.outbox.pending, 0, `seed ${seed}`);
  if (isRoomy) {
    const missing = [...durable].filter((id) => !delivered.has(id));
    // A file that cannot be read at a start is passed over, which the log says. Its records are counted from the accounts
    // that are left, which may be older than those in the file.
    if (readsFail) {
      const { lost, unconfirmed } = box.outbox.stats.dropped;
      const isSaid = log.at('error').some((line) => line.includes('passed over'));
      assert.ok(isSaid || missing.length <= lost + unconfirmed, `seed ${seed}`);
    } else {
      assert.deepEqual(missing, [], `seed ${seed}`);
    }
  }
  return kills;
}

test('accounts for every record over kills, stops and calls that fail, and loses none that was on disk', async (t) => {
  const seeds = isLong ? 500 : 60;
  let kills = 0;
  for (let seed = 0; seed < seeds; seed += 1) {
    kills += await live(seed, 400);
  }
  t.diagnostic(`${seeds} devices, ${kills} kills`);
  assert.ok(kills > seeds);
});
