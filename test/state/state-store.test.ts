import assert from 'node:assert/strict';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { decodeSlot } from '#src/state/slot-codec.js';
import { streamDirectory } from '#src/state/slot-pair.js';
import { StateStore, type StateStoreOptions } from '#src/state/state-store.js';
import { FakeClock } from '../support/fake-clock.js';
import { FaultyFileSystem, systemError } from '../support/faulty-file-system.js';
import { RecordedLog } from '../support/recorded-log.js';

const model = 'a1'.repeat(32);
const layout = 'b2'.repeat(32);
/** A slot that lstmd 0.1.0 wrote: save 7 of the state 4, -2, 3 after sample 4711. */
const slotOfVersion1 =
  'bHN0bWRzbHQBAAAADAAAAAcAAAAAAAAAZxIAAAAAAAAAoJ0N96p5QgAAoA33qnlCoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKysgAAgEAAAADAAABAQPeHrmQ=';

describe('state store', () => {
  let root: string;
  let directory: string;
  let clock: FakeClock;
  let monotonicMs: number;
  let log: RecordedLog;
  let fileSystem: FaultyFileSystem;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lstmd-state-'));
    directory = streamDirectory(root, 'spindle');
    clock = new FakeClock();
    monotonicMs = 0;
    log = new RecordedLog();
    fileSystem = new FaultyFileSystem();
  });

  afterEach(() => rm(root, { recursive: true }));

  function store(changes: Partial<StateStoreOptions> = {}): StateStore {
    return new StateStore({
      stream: 'spindle',
      directory,
      modelSha256: model,
      layoutHash: layout,
      stateSize: 3,
      maxAgeSeconds: 600,
      log,
      fileSystem,
      clock,
      monotonicMs: () => monotonicMs,
      ...changes,
    });
  }

  async function saved(...values: number[]): Promise<void> {
    const writer = store();
    await writer.load();
    for (const value of values) {
      assert.equal(
        await writer.save(Float32Array.of(value, value, value), value, clock.wallMs),
        true,
      );
    }
    await writer.close();
  }

  async function loaded(changes: Partial<StateStoreOptions> = {}): Promise<string> {
    const reader = store(changes);
    const result = await reader.load();
    await reader.close();
    return result.saved === null ? result.reason : `resumed ${result.saved.state[0]}`;
  }

  async function sequenceIn(slot: string): Promise<number | string> {
    const content = decodeSlot(await readFile(join(directory, slot)));
    return content.kind === 'ok' ? content.saved.sequence : content.kind;
  }

  test('starts fresh where nothing was saved, and creates nothing to read it', async () => {
    assert.equal(await loaded(), 'fresh');
    assert.deepEqual(await readdir(root), []);
  });

  test('gives back what was saved, with its counts and times', async () => {
    const writer = store();
    await writer.load();
    await writer.save(Float32Array.of(0.1, -2, 3), 4711, clock.wallMs - 38);
    await writer.close();
    clock.pass(5000);
    const result = await store().load();
    assert.ok(result.reason === 'resumed');
    assert.deepEqual(result.saved.state, Float32Array.of(0.1, -2, 3));
    assert.equal(result.saved.sampleCount, 4711);
    assert.equal(result.saved.lastSampleMs, clock.wallMs - 5038);
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
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    assert.equal((await stat(join(directory, 'slot-a.state'))).mode & 0o777, 0o600);
  });

  test('syncs what it wrote before it says saved, and the names of new files', async () => {
    const writer = store();
    await writer.load();
    await writer.save(new Float32Array(3), 1, clock.wallMs);
    const calls = fileSystem.calls.filter((call) => call !== 'stat slot-a.state');
    assert.deepEqual(calls.slice(calls.indexOf('open slot-a.state')), [
      'open slot-a.state',
      'truncate slot-a.state',
      'write slot-a.state',
      'sync slot-a.state',
      'syncDirectory spindle',
      `syncDirectory ${root.slice(root.lastIndexOf('/') + 1)}`,
      'write slot-a.state',
      'sync slot-a.state',
    ]);
    await writer.save(new Float32Array(3), 2, clock.wallMs);
    fileSystem.calls.length = 0;
    await writer.save(new Float32Array(3), 3, clock.wallMs);
    assert.deepEqual(fileSystem.calls, [
      'stat slot-a.state',
      'write slot-a.state',
      'sync slot-a.state',
    ]);
    await writer.close();
  });

  test('falls back to the other slot when the newest is damaged, and keeps it aside', async () => {
    await saved(1, 2);
    await truncate(join(directory, 'slot-b.state'), 60);
    assert.equal(await loaded(), 'resumed 1');
    assert.deepEqual((await readdir(directory)).sort(), [
      'slot-a.state',
      `slot-b.damaged-${clock.wallMs}`,
    ]);
    assert.deepEqual(log.at('warn'), ['a saved state cannot be used: kept aside']);
    await saved(3);
    assert.equal(await loaded(), 'resumed 3');
  });

  test('says damaged when no slot is whole, and keeps no more than two aside', async () => {
    for (let round = 0; round < 3; round += 1) {
      clock.pass(1000);
      await saved(1, 2);
      for (const slot of ['slot-a.state', 'slot-b.state']) {
        const bytes = await readFile(join(directory, slot));
        bytes[155] = (bytes[155] ?? 0) ^ 4;
        await writeFile(join(directory, slot), bytes);
      }
      assert.equal(await loaded(), 'damaged');
    }
    assert.deepEqual((await readdir(directory)).sort(), [
      `slot-a.damaged-${clock.wallMs}`,
      `slot-b.damaged-${clock.wallMs}`,
    ]);
  });

  test('never loads the state of another model or layout, and keeps it aside', async () => {
    await saved(1, 2);
    assert.equal(await loaded({ modelSha256: 'c3'.repeat(32) }), 'otherModel');
    assert.deepEqual((await readdir(directory)).sort(), [
      `slot-a.other-${clock.wallMs}`,
      `slot-b.other-${clock.wallMs}`,
    ]);
    await saved(3);
    assert.equal(await loaded({ layoutHash: 'd4'.repeat(32) }), 'otherLayout');
    await saved(4);
    assert.equal(await loaded({ stateSize: 5 }), 'otherLayout');
  });

  test('never loads the state of another stream, keeps it aside, and says whose it is', async () => {
    await saved(1, 2);
    const other = streamDirectory(root, 'pump');
    await rename(directory, other);
    assert.equal(await loaded({ stream: 'pump', directory: other }), 'otherStream');
    assert.deepEqual((await readdir(other)).sort(), [
      `slot-a.other-${clock.wallMs}`,
      `slot-b.other-${clock.wallMs}`,
    ]);
    assert.match(String(log.lines[0]?.fields['why']), /"spindle", not of "pump"/);
  });

  test('resumes a slot of version 1, which names no stream, and saves as this version does', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'slot-a.state'), Buffer.from(slotOfVersion1, 'base64'));
    assert.equal(await loaded(), 'resumed 4');
    await saved(5, 6);
    assert.deepEqual([await sequenceIn('slot-a.state'), await sequenceIn('slot-b.state')], [9, 8]);
    assert.equal(await loaded({ stream: 'pump' }), 'otherStream');
  });

  test('does not resume a state that is too old, but counts on from it', async () => {
    await saved(1);
    clock.pass(600_000);
    assert.equal(await loaded(), 'resumed 1');
    clock.pass(1);
    assert.equal(await loaded(), 'tooOld');
    await saved(2);
    assert.equal(await sequenceIn('slot-b.state'), 2);
  });

  test('knows the age by the time since the boot, whatever became of the wall clock', async () => {
    clock = new FakeClock({ wallMs: 7000, right: false });
    await saved(1);
    clock.pass(2000);
    clock.wallMs = 1_763_880_000_000;
    const result = await store().load();
    assert.ok(result.reason === 'resumed');
    assert.equal(result.ageMs, 2000);
    clock.pass(600_000);
    clock.wallMs = 3000;
    assert.equal(await loaded(), 'tooOld');
  });

  for (const [what, wallMs, isRight, ageMs] of [
    ['set by a time server', 1_763_880_060_000, true, 60_000],
    ['that of the shutdown, for all that is known', 1_763_880_003_000, false, null],
    ['not set', 3000, false, null],
    ['right, and behind the one of the save', 1_763_000_000_000, true, null],
  ] as const) {
    test(`after another boot, with a clock that is ${what}, the age is ${ageMs}`, async () => {
      await saved(1);
      clock.boot(wallMs, isRight);
      const result = await store().load();
      assert.ok(result.reason === 'resumed');
      assert.equal(result.ageMs, ageMs);
    });
  }

  test('after another boot, does not know the age of what was saved by a clock that was not set', async () => {
    clock = new FakeClock({ wallMs: 7000, right: false });
    await saved(1);
    clock.boot(1_763_880_000_000, true);
    const result = await store().load();
    assert.ok(result.reason === 'resumed');
    assert.equal(result.ageMs, null);
  });

  test('keeps what was learnt with the state, as old as that is, and with those that follow', async () => {
    await saved(1);
    const writer = store();
    await writer.load();
    clock.pass(500_000);
    assert.equal(await writer.saveLearnt({ header: ['z', 'y', 'x'] }), true);
    await writer.close();
    clock.pass(100_000);
    const result = await store().load();
    assert.ok(result.reason === 'resumed');
    assert.equal(result.ageMs, 600_000);
    assert.deepEqual(result.learnt, { header: ['z', 'y', 'x'] });
    await saved(2, 3);
    clock.pass(700_000);
    assert.deepEqual(await store().load(), {
      reason: 'tooOld',
      saved: null,
      learnt: { header: ['z', 'y', 'x'] },
    });
    const { learnt } = await store({ modelSha256: 'c3'.repeat(32) }).load();
    assert.deepEqual(learnt, { header: ['z', 'y', 'x'] });
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
    const first = writer.save(state, 1, clock.wallMs);
    const others: Promise<boolean>[] = [];
    for (let n = 2; n <= 9; n += 1) {
      state.fill(n);
      others.push(writer.save(state, n, clock.wallMs));
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
    fileSystem.hold = (call) => {
      if (call.startsWith('sync slot-a')) {
        fileSystem.hold = () => Promise.resolve();
        next = writer.save(Float32Array.of(2, 2, 2), 2, clock.wallMs);
      }
      return Promise.resolve();
    };
    await writer.save(Float32Array.of(1, 1, 1), 1, clock.wallMs);
    assert.equal(await next, true);
    await writer.close();
    assert.equal(await loaded(), 'resumed 2');
  });

  test('never saves a state that is not finite', async () => {
    await saved(1);
    const writer = store();
    await writer.load();
    assert.equal(await writer.save(Float32Array.of(0, Number.NaN, 0), 9, clock.wallMs), false);
    assert.equal(writer.stats.failures, 1);
    await writer.close();
    assert.equal(await loaded(), 'resumed 1');
  });

  for (const code of ['ENOSPC', 'EIO', 'EROFS', 'EACCES']) {
    test(`survives ${code} at each of its calls, one after the other, and saves again`, async () => {
      await saved(1, 2);
      for (let nth = 1; ; nth += 1) {
        const writer = store();
        await writer.load();
        let calls = 0;
        fileSystem.fault = () => {
          calls += 1;
          if (calls === nth) {
            throw systemError(code);
          }
        };
        const ok = await writer.save(Float32Array.of(nth, nth, nth), nth, clock.wallMs);
        fileSystem.fault = () => {};
        const before = await loaded();
        assert.match(before, /^resumed/, `${code} at call ${nth}`);
        if (ok) {
          await writer.close();
          break;
        }
        assert.equal(await writer.save(Float32Array.of(100, nth, nth), nth, clock.wallMs), true);
        await writer.close();
        assert.equal(await loaded(), 'resumed 100');
      }
      assert.ok(log.at('error').length > 3);
      assert.ok(log.at('info').includes('the state is saved again'));
    });
  }

  test('reports a failing disk once a minute, and counts every failure', async () => {
    const writer = store();
    await writer.load();
    fileSystem.fault = (call) => {
      if (call.startsWith('write')) {
        throw systemError('ENOSPC');
      }
    };
    for (let n = 0; n < 13; n += 1) {
      await writer.save(new Float32Array(3), n, clock.wallMs);
      monotonicMs += 10_000;
    }
    assert.equal(writer.stats.failures, 13);
    assert.deepEqual(
      log.lines.map((line) => [line.level, line.fields['code'], line.fields['failures']]),
      [
        ['error', 'ENOSPC', 1],
        ['error', 'ENOSPC', 7],
        ['error', 'ENOSPC', 13],
      ],
    );
    await writer.close();
  });

  test('does not write before it knows which slot is the newest', async () => {
    await saved(1, 2, 3);
    const writer = store();
    fileSystem.fault = (call) => {
      if (call.startsWith('read')) {
        throw systemError('EIO');
      }
    };
    assert.equal((await writer.load()).reason, 'unreadable');
    assert.equal(await writer.save(Float32Array.of(8, 8, 8), 8, clock.wallMs), false);
    fileSystem.fault = () => {};
    assert.equal(await writer.save(Float32Array.of(9, 9, 9), 9, clock.wallMs), true);
    await writer.close();
    assert.equal(await loaded(), 'resumed 9');
    assert.equal(await sequenceIn('slot-a.state'), 3);
  });

  test('does not write over a slot that it could not keep aside', async () => {
    await saved(1, 2);
    fileSystem.fault = (call) => {
      if (call.startsWith('rename')) {
        throw systemError('EROFS');
      }
    };
    const writer = store({ modelSha256: 'c3'.repeat(32) });
    assert.equal((await writer.load()).reason, 'otherModel');
    assert.equal(await writer.save(new Float32Array(3), 1, clock.wallMs), false);
    await writer.close();
    assert.equal(await loaded(), 'resumed 2');
  });

  test('makes its files again when the directory was removed under it', async () => {
    const writer = store();
    await writer.load();
    await writer.save(Float32Array.of(1, 1, 1), 1, clock.wallMs);
    await writer.save(Float32Array.of(2, 2, 2), 2, clock.wallMs);
    await rm(directory, { recursive: true });
    await writer.save(Float32Array.of(3, 3, 3), 3, clock.wallMs);
    await writer.close();
    assert.equal(await loaded(), 'resumed 3');
  });

  test('knows how much it writes to flash a day', async () => {
    const writer = store();
    await writer.load();
    for (let n = 0; n < 10; n += 1) {
      await writer.save(new Float32Array(3), n, clock.wallMs);
    }
    monotonicMs = 60_000;
    assert.equal(writer.stats.bytesPerDay, null);
    monotonicMs = 8_640_000;
    assert.deepEqual(writer.stats, {
      saves: 10,
      failures: 0,
      bytesWritten: 1670,
      bytesPerDay: 16_700,
    });
    await writer.close();
  });

  test('refuses a stream whose name is no directory name', () => {
    for (const name of ['', '.', '..', 'a/b', 'a\0b']) {
      assert.throws(() => streamDirectory(root, name), { code: 'config.invalid' });
    }
  });
});
