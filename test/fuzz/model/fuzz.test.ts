import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadModel } from '#src/model/load-model.js';
import { isLong } from '../../faults/long-run.js';
import { corpus } from './corpus.js';
import { fuzz } from './fuzz-run.js';

/** Long runs, on other seeds: `npm run fuzz`. */
// A file on which the HDF5 library loops costs 20 s of CPU before it counts as damaged. Of Keras' files here
// the first is case 34, which the long run has; the end of such a loop has a quick test of its own.
const limits = { seed: 1, first: 0, limitMs: 180_000, limitRssBytes: 512 * 2 ** 20 };

test('damaged TensorFlow.js models end in a plan or an error with a code', async () => {
  const specimens = ['tfjs', 'tfjs several', 'tfjs nested'];
  const count = isLong ? 600 : 300;
  const { failures, outcomes } = await fuzz({ ...limits, count, specimens });
  assert.deepEqual(failures, []);
  assert.ok(outcomes.size > 2, `only ${[...outcomes.keys()].join(', ')}`);
});

test('damaged files of Keras end in a plan or an error with a code', async () => {
  const specimens = ['archive', 'deflated', 'TF 2.12', 'several', 'legacy', 'Keras 1'];
  const { failures, outcomes } = await fuzz({ ...limits, count: isLong ? 36 : 34, specimens });
  assert.deepEqual(failures, []);
  assert.ok(outcomes.size > 2, `only ${[...outcomes.keys()].join(', ')}`);
});

test('every specimen loads before it is damaged', async () => {
  const made = (await corpus()).slice(0, 9);
  for (const { name, files, main } of made) {
    const folder = await mkdtemp(join(tmpdir(), 'lstmd-corpus-'));
    try {
      for (const [file, bytes] of files) {
        await writeFile(join(folder, file), bytes);
      }
      await assert.doesNotReject(loadModel(join(folder, main)), name);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
});
