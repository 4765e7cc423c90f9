import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { multiplyAdds } from '#src/engine/cost.js';
import { fasterFormats, slownessText } from '#src/engine/weight-speed.js';
import { loadModel, readCase } from '#src/index.js';
import { level2CacheBytes } from '#src/platform/cache-size.js';
import { chooseWeights } from '#src/stream/weight-choice.js';
import { testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';

const plan = await loadModel(projectFile('examples/running/running.keras'));
const known = await readCase(projectFile('examples/running/case.json'));
const float32Bytes = multiplyAdds(plan) * 4;
const mode = 'continuous';

describe('the format of weights', () => {
  test('is said to pay only where float32 does not fit the cache', () => {
    assert.deepEqual(fasterFormats(plan, float32Bytes), []);
    assert.deepEqual(fasterFormats(plan, float32Bytes - 1), ['bf16', 'int8']);
    assert.deepEqual(fasterFormats(plan, float32Bytes / 2 - 1), ['int8', 'bf16']);
    assert.deepEqual(fasterFormats(plan, null), []);
  });

  test('is said to be slower where it is', () => {
    assert.match(slownessText(plan, 'int8', float32Bytes) ?? '', /int8 makes it slower.*MiB/);
    assert.match(slownessText(plan, 'bf16', float32Bytes) ?? '', /bf16 gains little/);
    assert.equal(slownessText(plan, 'int8', float32Bytes - 1), undefined);
    assert.equal(slownessText(plan, 'f32', float32Bytes), undefined);
    assert.equal(slownessText(plan, 'int8', null), undefined);
  });

  test('is the fastest that is within the tolerance of the case', async () => {
    const lenient = { ...known, tolerance: 0.1, stateTolerance: 0.1 };
    const choose = (case_: typeof known, cacheBytes: number) =>
      chooseWeights(plan, case_, { mode, cacheBytes });
    assert.equal(await choose(lenient, 0), 'int8');
    assert.equal(await choose(lenient, float32Bytes / 2), 'bf16');
    assert.equal(await choose(lenient, float32Bytes), 'f32');
    assert.equal(await choose(known, 0), 'f32');
  });

  test('knows the cache from sysfs, or that it knows nothing', async (t) => {
    const folder = testFolder(t);
    const cache = (name: string, level: string, size: string): string => {
      const path = join(folder, name);
      mkdirSync(path);
      writeFileSync(join(path, 'level'), level);
      writeFileSync(join(path, 'size'), size);
      return path;
    };
    assert.equal(await level2CacheBytes(cache('second', '2\n', '512K\n')), 524_288);
    assert.equal(await level2CacheBytes(cache('third', '3\n', '32768K\n')), null);
    assert.equal(await level2CacheBytes(cache('odd', '2\n', 'much\n')), null);
    assert.equal(await level2CacheBytes(join(folder, 'absent')), null);
  });
});
