import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { countBoot } from '#src/state/boot-counter.js';
import { FaultyFileSystem, systemError } from '../support/faulty-file-system.js';
import { RecordedLog } from '../support/recorded-log.js';

const now = (): number => 1_763_880_000_500;

describe('boot counter', () => {
  let directory: string;
  let log: RecordedLog;
  let fileSystem: FaultyFileSystem;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lstmd-boot-'));
    log = new RecordedLog();
    fileSystem = new FaultyFileSystem();
  });

  afterEach(() => rm(directory, { recursive: true }));

  const boot = (): Promise<number> => countBoot(directory, { log, fileSystem, now });

  test('counts from one, each start once', async () => {
    assert.deepEqual([await boot(), await boot(), await boot()], [1, 2, 3]);
    assert.deepEqual(log.lines, []);
  });

  test('syncs the new file before its name and the name before it returns', async () => {
    await boot();
    const calls = fileSystem.calls.slice(fileSystem.calls.indexOf('write boot.new'));
    assert.deepEqual(calls.slice(0, 3), ['write boot.new', 'sync boot.new', 'rename boot.new']);
    assert.match(calls[3] ?? '', /^syncDirectory lstmd-boot-/);
  });

  test('goes on with a larger number after damage of any byte, and reports it', async () => {
    await boot();
    const whole = await readFile(join(directory, 'boot'));
    for (let byte = 0; byte < whole.length; byte += 1) {
      const bytes = Buffer.from(whole);
      bytes[byte] = (bytes[byte] ?? 0) ^ 1;
      await writeFile(join(directory, 'boot'), bytes);
      assert.deepEqual([await boot(), await boot()], [1_763_880_000, 1_763_880_001]);
    }
    await writeFile(join(directory, 'boot'), '');
    assert.equal(await boot(), 1_763_880_000);
    assert.equal(log.at('warn').length, whole.length + 1);
  });

  test('gives a number that never comes twice where it cannot be kept', async () => {
    await boot();
    fileSystem.fault = (call) => {
      if (call.startsWith('rename')) {
        throw systemError('EROFS');
      }
    };
    assert.equal(await boot(), 1_763_880_000);
    assert.deepEqual(log.at('error'), ['the boot counter cannot be kept: using the clock']);
    fileSystem.fault = () => {};
    assert.equal(await boot(), 2);
  });
});
