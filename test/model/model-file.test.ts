import assert from 'node:assert/strict';
import { appendFileSync, utimesSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ExitCode, LstmdError } from '#src/base/errors.js';
import { readModelFile } from '#src/model/model-file.js';
import { kerasArchive, seedModel } from '../support/model-writer.js';

test('a file that changes while it is read is not a damaged one', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lstmd-model-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'model.keras');
  const model = await kerasArchive(seedModel());
  for (const change of [() => utimesSync(path, 1, 1), () => appendFileSync(path, 'more')]) {
    await writeFile(path, model);
    // The signal is asked before each piece is read: here, once the file is open, and later.
    let asked = 0;
    const signal = new AbortController().signal;
    signal.throwIfAborted = () => {
      asked += 1;
      if (asked === 3) {
        change();
      }
    };
    await assert.rejects(readModelFile(path, signal), (error) => {
      assert.ok(error instanceof LstmdError, String(error));
      assert.match(error.message, /changed while it was read/);
      assert.equal(error.exitCode, ExitCode.temporary);
      return true;
    });
  }
});
