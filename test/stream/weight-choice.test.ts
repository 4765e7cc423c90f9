import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { multiplyAdds } from '#src/engine/cost.js';
import { fasterFormats, slownessText } from '#src/engine/weight-speed.js';
import { loadModel, readCase } from '#src/index.js';
import { cacheSizes } from '#src/platform/cache-size.js';
import { chooseWeights } from '#src/stream/weight-choice.js';
import { testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';

const plan = await loadModel(projectFile('examples/running/running.keras'));
const known = await readCase(projectFile('examples/running/case.json'));
const float32Bytes = multiplyAdds(plan) * 4;
const mode = 'continuous';

/** A machine with caches that hold so many parts of the float32 matrices. */
function machine(level2: number, last: number, target: string | null = 'avx2') {
  return { caches: { level2: level2 * float32Bytes, last: last * float32Bytes }, target };
}

describe('the format of weights', () => {
  test('is said to pay only where float32 does not fit the level-2 cache', () => {
    assert.deepEqual(fasterFormats(plan, machine(1, 1)), []);
    assert.deepEqual(fasterFormats(plan, machine(0.99, 8)), ['bf16', 'int8']);
    assert.deepEqual(fasterFormats(plan, machine(0.1, 0.5)), ['bf16', 'int8']);
    assert.deepEqual(fasterFormats(plan, machine(0.1, 0.49)), ['int8', 'bf16']);
    assert.deepEqual(fasterFormats(plan, { caches: null, target: 'avx2' }), []);
  });

  test('pays on SSE2 only where float32 does not fit the last cache', () => {
    for (const target of ['sse2', 'scalar']) {
      assert.deepEqual(fasterFormats(plan, machine(0.1, 1, target)), []);
      assert.deepEqual(fasterFormats(plan, machine(0.1, 0.1, target)), ['bf16', 'int8']);
    }
  });

  test('is said to be slower where it is', () => {
    assert.match(slownessText(plan, 'int8', machine(1, 1)) ?? '', /int8 makes it slower.*MiB/);
    assert.match(slownessText(plan, 'bf16', machine(1, 1)) ?? '', /bf16 gains little/);
    assert.match(
      slownessText(plan, 'bf16', machine(0.1, 1, 'sse2')) ?? '',
      /bf16 makes it slower.*the last cache .*sse2/,
    );
    assert.equal(slownessText(plan, 'int8', machine(0.99, 1)), undefined);
    assert.equal(slownessText(plan, 'f32', machine(1, 1)), undefined);
    assert.equal(slownessText(plan, 'int8', { caches: null, target: null }), undefined);
  });

  test('is the fastest that is within the tolerance of the case', async () => {
    const lenient = { ...known, tolerance: 0.1, stateTolerance: 0.1 };
    const choose = (case_: typeof known, level2: number, last: number) =>
      chooseWeights(plan, case_, { mode, machine: machine(level2, last) });
    assert.equal(await choose(lenient, 0, 0), 'int8');
    assert.equal(await choose(lenient, 0, 0.5), 'bf16');
    assert.equal(await choose(lenient, 1, 1), 'f32');
    assert.equal(await choose(known, 0, 0), 'f32');
  });

  test('knows the caches from sysfs, or that it knows nothing', async (t) => {
    const caches = (name: string, indices: Record<string, readonly [string, string]>): string => {
      const path = join(testFolder(t), name);
      for (const [index, [level, size]] of Object.entries(indices)) {
        mkdirSync(join(path, index), { recursive: true });
        writeFileSync(join(path, index, 'level'), level);
        writeFileSync(join(path, index, 'size'), size);
      }
      return path;
    };
    const index2 = ['2\n', '512K\n'] as const;
    const two = caches('two', { index2, index3: ['3\n', '32768K\n'] });
    assert.deepEqual(await cacheSizes(two), { level2: 524_288, last: 33_554_432 });
    assert.deepEqual(await cacheSizes(caches('one', { index2 })), {
      level2: 524_288,
      last: 524_288,
    });
    assert.equal(await cacheSizes(caches('none', { index2: ['3\n', '32768K\n'] })), null);
    assert.equal(await cacheSizes(caches('odd', { index2: ['2\n', 'much\n'] })), null);
    assert.equal(await cacheSizes(join(testFolder(t), 'absent')), null);
  });
});
