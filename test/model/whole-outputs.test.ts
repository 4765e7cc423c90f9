import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { engineNames } from '#src/engine/program/engine.js';
import { loadModel } from '#src/model/load-model.js';
import { openStream } from '#src/stream/model-stream.js';
import { readTaskCase, tasksFolder } from '../golden/task-case.js';
import { runCommand } from '../support/command.js';
import { kerasArchive, loadBytes, seedModel } from '../support/model-writer.js';
import { projectFile } from '../support/project.js';

const golden = readTaskCase('autoencoder');
const file = join(tasksFolder, 'autoencoder/model.keras');

function largestError(row: ArrayLike<number>, expected: readonly number[]): number {
  assert.equal(row.length, expected.length);
  return Math.max(...expected.map((value, i) => Math.abs((row[i] ?? Number.NaN) - value)));
}

describe('whole outputs', () => {
  for (const engine of engineNames) {
    test(`give every step of a window as Keras does: ${engine}`, async () => {
      const plan = await loadModel(file, { outputs: 'whole' });
      const { stepper } = await openStream(plan, { mode: 'sliding', engine });
      const rows = golden.input.flatMap((sample) => {
        const row = stepper.push(sample);
        return row === null ? [] : [Float32Array.from(row)];
      });
      assert.equal(rows.length, golden.outputs.length);
      for (const [n, row] of rows.entries()) {
        assert.ok(largestError(row, golden.outputs[n] ?? []) < 1e-5);
      }
    });
  }

  test('end with what the last step alone gives', async () => {
    const [whole, last] = await Promise.all(
      (['whole', 'last'] as const).map(async (outputs) => {
        const plan = await loadModel(file, { outputs });
        const { stepper } = await openStream(plan, { mode: 'sliding', stride: 3 });
        return golden.input.map((sample) => stepper.push(sample)?.slice() ?? null);
      }),
    );
    for (const [n, row] of (last ?? []).entries()) {
      assert.deepEqual(whole?.[n]?.slice(-3), row ?? undefined);
    }
  });

  test('are refused in modes that step, and without a window, with the way out', async () => {
    const plan = await loadModel(file, { outputs: 'whole' });
    await assert.rejects(openStream(plan, { mode: 'continuous' }), { code: 'model.mode' });
    const bytes = await kerasArchive({
      ...seedModel(),
      layers: seedModel().layers.slice(0, 3),
    });
    const steps = await loadBytes(bytes, { outputs: 'whole' });
    await assert.rejects(openStream(steps, { mode: 'sequence' }), {
      code: 'model.mode',
      message: /only a whole window has: mode sliding, at stride 4/,
    });
    await assert.rejects(
      loadModel(projectFile('examples/running/running.keras'), { outputs: 'whole' }),
      { code: 'model.mode', message: /needs a window, model\.window or --window/ },
    );
  });

  test('come out of predict as arrays of steps; without them it names the part', async () => {
    const input = `${golden.input.map((row) => row.join(',')).join('\n')}\n`;
    const args = ['predict', file, '--mode', 'sliding', '--stride', '16', '--input', '-'];
    const whole = await runCommand([...args, '--outputs', 'whole'], { input });
    const rows = whole.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as number[][]);
    assert.deepEqual(
      rows.map((row) => [row.length, row[0]?.length]),
      [
        [16, 3],
        [16, 3],
      ],
    );
    assert.ok(largestError(rows[1]?.flat() ?? [], golden.outputs[16] ?? []) < 1e-5);
    const last = await runCommand(args, { input });
    assert.match(last.stderr, /has the last of its 16 steps; --outputs whole has them all/);
    assert.deepEqual(JSON.parse(last.stdout.split('\n')[1] ?? ''), rows[1]?.at(-1));
  });
});
