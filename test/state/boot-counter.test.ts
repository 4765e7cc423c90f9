import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { countBoot } from '#src/state/boot-counter.js';
import { bootCount } from '../support/boot-count.js';
import { FaultyFileSystem, systemError } from '../support/faulty-file-system.js';
import { RecordedLog } from '../support/recorded-log.js';

describe('boot counter', () => {
  let root: string;
  let directory: string;
  let log: RecordedLog;
  let fileSystem: FaultyFileSystem;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lstmd-boot-'));
    directory = join(root, 'state');
    log = new RecordedLog();
    fileSystem = new FaultyFileSystem();
  });

  afterEach(() => rm(root, { recursive: true }));

  const boot = (random?: (end: number) => number): Promise<number> =>
    countBoot(directory, { log, fileSystem, ...(random && { random }) });

  test('counts from one, each start once, in a number that JSON can hold', async () => {
    const boots = [await boot(), await boot(), await boot((end) => end - 1)];
    assert.deepEqual(boots.map(bootCount), [1, 2, 3]);
    assert.ok(boots.every(Number.isSafeInteger));
    assert.deepEqual(log.lines, []);
  });

  test('gives other numbers where the directory was removed or restored from a backup', async () => {
    const seen = new Set<number>();
    const backup = join(root, 'backup');
    for (let round = 0; round < 10; round += 1) {
      seen.add(await boot());
      await cp(directory, backup, { recursive: true });
      for (let start = 0; start < 3; start += 1) {
        seen.add(await boot());
      }
      await rm(directory, { recursive: true });
      await cp(backup, directory, { recursive: true });
      seen.add(await boot());
      await rm(directory, { recursive: true });
    }
    assert.equal(seen.size, 50);
  });

  test('begins anew after the largest count, and goes on from those of an older version', async () => {
    for (const [stored, next] of [
      ['2097151', 0],
      ['1763880000', 1_763_880_001 % 2 ** 21],
    ] as const) {
      await boot();
      const check = crc32(stored).toString(16).padStart(8, '0');
      await writeFile(join(directory, 'boot'), `${stored} ${check}\n`);
      const largest = await boot((end) => end - 1);
      assert.equal(bootCount(largest), next);
      assert.ok(Number.isSafeInteger(largest));
    }
    assert.deepEqual(log.lines, []);
  });

  test('syncs the new file before its name and the name before it returns', async () => {
    await boot();
    const calls = fileSystem.calls.slice(fileSystem.calls.indexOf('write boot.new'));
    assert.deepEqual(calls.slice(0, 4), [
      'write boot.new',
      'sync boot.new',
      'rename boot.new',
      'syncDirectory state',
    ]);
  });

  test('goes on from a random number after damage of any byte, and reports it', async () => {
    await boot();
    const whole = await readFile(join(directory, 'boot'));
    for (let byte = 0; byte < whole.length; byte += 1) {
      const bytes = Buffer.from(whole);
      bytes[byte] = (bytes[byte] ?? 0) ^ 1;
      await writeFile(join(directory, 'boot'), bytes);
      assert.deepEqual([await boot(() => 777), await boot()].map(bootCount), [777, 778]);
    }
    await writeFile(join(directory, 'boot'), '');
    assert.equal(bootCount(await boot(() => 5)), 5);
    assert.equal(log.at('warn').length, whole.length + 1);
  });

  test('gives a random number where the count cannot be kept', async () => {
    await boot();
    fileSystem.fault = (call) => {
      if (call.startsWith('rename')) {
        throw systemError('EROFS');
      }
    };
    assert.equal(await boot((end) => end / 2), 2 ** 52 + 2 ** 31);
    assert.deepEqual(log.at('error'), ['the boot counter cannot be kept: using a random number']);
    fileSystem.fault = () => {};
    assert.equal(bootCount(await boot()), 2);
  });

  test('writes through no link that somebody put there', async () => {
    await boot();
    await writeFile(join(root, 'mine'), 'precious');
    await symlink(join(root, 'mine'), join(directory, 'boot.new'));
    await boot();
    assert.equal(await readFile(join(root, 'mine'), 'utf8'), 'precious');
    assert.match(String(log.lines.at(-1)?.fields['error']), /boot\.new: too many symbolic links/);
    assert.equal(bootCount(await boot()), 2);
  });
});
