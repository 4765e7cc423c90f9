import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { streamDirectory } from '#src/state/slot-pair.js';
import { useStateStore } from './stored-states.js';

/** A slot that lstmd 0.1.0 wrote: save 7 of the state 4, -2, 3 after sample 4711. */
const slotOfVersion1 =
  'bHN0bWRzbHQBAAAADAAAAAcAAAAAAAAAZxIAAAAAAAAAoJ0N96p5QgAAoA33qnlCoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKysgAAgEAAAADAAABAQPeHrmQ=';

describe('state store', () => {
  const use = useStateStore();
  const { store, saved, loaded, sequenceIn } = use;

  test('starts fresh where nothing was saved, and creates nothing to read it', async () => {
    assert.equal(await loaded(), 'fresh');
    assert.deepEqual(await readdir(use.root), []);
  });

  test('gives back what was saved, with its counts and times', async () => {
    const writer = store();
    await writer.load();
    await writer.save(Float32Array.of(0.1, -2, 3), 4711, use.clock.wallMs - 38);
    await writer.close();
    use.clock.pass(5000);
    const result = await store().load();
    assert.ok(result.reason === 'resumed');
    assert.deepEqual(result.saved.state, Float32Array.of(0.1, -2, 3));
    assert.equal(result.saved.sampleCount, 4711);
    assert.equal(result.saved.lastSampleMs, use.clock.wallMs - 5038);
    assert.equal(result.ageMs, 5000);
  });

  test('writes the slots in turn, also after a restart, and loads the newest', async () => {
    await saved(1, 2, 3);
    assert.deepEqual([await sequenceIn('slot-a.state'), await sequenceIn('slot-b.state')], [3, 2]);
    await saved(4);
    assert.deepEqual([await sequenceIn('slot-a.state'), await sequenceIn('slot-b.state')], [3, 4]);
    assert.equal(await loaded(), 'resumed 4');
  });

  test('lets only the owner in', async () => {
    await saved(1);
    assert.equal((await stat(use.directory)).mode & 0o777, 0o700);
    assert.equal((await stat(join(use.directory, 'slot-a.state'))).mode & 0o777, 0o600);
  });

  test('syncs what it wrote before it says saved, and the names of new files', async () => {
    const writer = store();
    await writer.load();
    await writer.save(new Float32Array(3), 1, use.clock.wallMs);
    const calls = use.fileSystem.calls.filter((call) => call !== 'stat slot-a.state');
    assert.deepEqual(calls.slice(calls.indexOf('open slot-a.state')), [
      'open slot-a.state',
      'truncate slot-a.state',
      'write slot-a.state',
      'sync slot-a.state',
      'syncDirectory spindle',
      `syncDirectory ${use.root.slice(use.root.lastIndexOf('/') + 1)}`,
      'write slot-a.state',
      'sync slot-a.state',
    ]);
    await writer.save(new Float32Array(3), 2, use.clock.wallMs);
    use.fileSystem.calls.length = 0;
    await writer.save(new Float32Array(3), 3, use.clock.wallMs);
    assert.deepEqual(use.fileSystem.calls, [
      'stat slot-a.state',
      'write slot-a.state',
      'sync slot-a.state',
    ]);
    await writer.close();
  });

  test('falls back to the other slot when the newest is damaged, and keeps it aside', async () => {
    await saved(1, 2);
    await truncate(join(use.directory, 'slot-b.state'), 60);
    assert.equal(await loaded(), 'resumed 1');
    assert.deepEqual((await readdir(use.directory)).sort(), [
      'slot-a.state',
      `slot-b.damaged-${use.clock.wallMs}`,
    ]);
    assert.deepEqual(use.log.at('warn'), ['a saved state cannot be used: kept aside']);
    await saved(3);
    assert.equal(await loaded(), 'resumed 3');
  });

  test('says damaged when no slot is whole, and keeps no more than two aside', async () => {
    for (let round = 0; round < 3; round += 1) {
      use.clock.pass(1000);
      await saved(1, 2);
      for (const slot of ['slot-a.state', 'slot-b.state']) {
        const bytes = await readFile(join(use.directory, slot));
        bytes[155] = (bytes[155] ?? 0) ^ 4;
        await writeFile(join(use.directory, slot), bytes);
      }
      assert.equal(await loaded(), 'damaged');
    }
    assert.deepEqual((await readdir(use.directory)).sort(), [
      `slot-a.damaged-${use.clock.wallMs}`,
      `slot-b.damaged-${use.clock.wallMs}`,
    ]);
  });

  test('never loads the state of another model or layout, and keeps it aside', async () => {
    await saved(1, 2);
    assert.equal(await loaded({ modelSha256: 'c3'.repeat(32) }), 'otherModel');
    assert.deepEqual((await readdir(use.directory)).sort(), [
      `slot-a.other-${use.clock.wallMs}`,
      `slot-b.other-${use.clock.wallMs}`,
    ]);
    await saved(3);
    assert.equal(await loaded({ layoutHash: 'd4'.repeat(32) }), 'otherLayout');
    await saved(4);
    assert.equal(await loaded({ stateSize: 5 }), 'otherLayout');
  });

  test('never loads the state of another stream, keeps it aside, and says whose it is', async () => {
    await saved(1, 2);
    const other = streamDirectory(use.root, 'pump');
    await rename(use.directory, other);
    assert.equal(await loaded({ stream: 'pump', directory: other }), 'otherStream');
    assert.deepEqual((await readdir(other)).sort(), [
      `slot-a.other-${use.clock.wallMs}`,
      `slot-b.other-${use.clock.wallMs}`,
    ]);
    assert.match(String(use.log.lines[0]?.fields['why']), /"spindle", not of "pump"/);
  });

  test('resumes a slot of version 1, which names no stream, and saves as this version does', async () => {
    await mkdir(use.directory);
    await writeFile(join(use.directory, 'slot-a.state'), Buffer.from(slotOfVersion1, 'base64'));
    assert.equal(await loaded(), 'resumed 4');
    await saved(5, 6);
    assert.deepEqual([await sequenceIn('slot-a.state'), await sequenceIn('slot-b.state')], [9, 8]);
    assert.equal(await loaded({ stream: 'pump' }), 'otherStream');
  });

  test('keeps what was learnt before the first sample, and calls that no state', async () => {
    const writer = store();
    await writer.load();
    assert.equal(await writer.saveLearnt({ header: 'x' }), true);
    assert.equal(await writer.saveLearnt({ header: 'x'.repeat(5000) }), false);
    await writer.close();
    assert.deepEqual(await store().load(), {
      reason: 'fresh',
      saved: null,
      learnt: { header: 'x' },
    });
  });

  test('lets the caller step on, and lets the latest of several saves win', async () => {
    const writer = store();
    await writer.load();
    const state = Float32Array.of(1, 1, 1);
    const first = writer.save(state, 1, use.clock.wallMs);
    const others: Promise<boolean>[] = [];
    for (let n = 2; n <= 9; n += 1) {
      state.fill(n);
      others.push(writer.save(state, n, use.clock.wallMs));
    }
    state.fill(77);
    assert.deepEqual(await Promise.all([first, ...others]), Array(9).fill(true));
    assert.equal(writer.stats.saves < 9, true);
    await writer.close();
    assert.equal(await loaded(), 'resumed 9');
  });

  test('saves a state that arrives while an earlier one is being written', async () => {
    const writer = store();
    await writer.load();
    let next: Promise<boolean> | undefined;
    use.fileSystem.hold = (call) => {
      if (call.startsWith('sync slot-a')) {
        use.fileSystem.hold = () => Promise.resolve();
        next = writer.save(Float32Array.of(2, 2, 2), 2, use.clock.wallMs);
      }
      return Promise.resolve();
    };
    await writer.save(Float32Array.of(1, 1, 1), 1, use.clock.wallMs);
    assert.equal(await next, true);
    await writer.close();
    assert.equal(await loaded(), 'resumed 2');
  });

  test('never saves a state that is not finite', async () => {
    await saved(1);
    const writer = store();
    await writer.load();
    assert.equal(await writer.save(Float32Array.of(0, Number.NaN, 0), 9, use.clock.wallMs), false);
    assert.equal(writer.stats.failures, 1);
    await writer.close();
    assert.equal(await loaded(), 'resumed 1');
  });

  test('knows how much it writes to flash a day', async () => {
    const writer = store();
    await writer.load();
    for (let n = 0; n < 10; n += 1) {
      await writer.save(new Float32Array(3), n, use.clock.wallMs);
    }
    use.monotonicMs = 60_000;
    assert.equal(writer.stats.bytesPerDay, null);
    use.monotonicMs = 8_640_000;
    assert.deepEqual(writer.stats, {
      saves: 10,
      failures: 0,
      failing: 0,
      bytesWritten: 1670,
      bytesPerDay: 16_700,
    });
    await writer.close();
  });

  test('refuses a stream whose name is no use.directory name', () => {
    for (const name of ['', '.', '..', 'a/b', 'a\0b']) {
      assert.throws(() => streamDirectory(use.root, name), { code: 'config.invalid' });
    }
  });
});
