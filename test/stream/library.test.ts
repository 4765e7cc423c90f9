import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadModel, LstmdError, openStream, readCase, StepFlag, verifyCase } from '#src/index.js';
import { runCommand } from '../support/command.js';
import { testFolder, writeConfig, type Exit } from '../support/daemon.js';
import { projectFile } from '../support/project.js';

const model = projectFile('examples/running/running.keras');
const caseFile = projectFile('examples/running/case.json');

interface Case {
  input: number[][];
  tolerance: number;
  continuous: { outputs: (number | null)[][]; states: Record<string, number[][]> };
}

function changedCase(folder: string, change: (known: Case) => void): string {
  const known = JSON.parse(readFileSync(caseFile, 'utf8')) as Case;
  change(known);
  const file = join(folder, 'case.json');
  writeFileSync(file, JSON.stringify(known));
  return file;
}

describe('the library', () => {
  test('streams samples as the example shows, and resumes', (t) => {
    const folder = testFolder(t);
    const run = () =>
      execFileSync(process.execPath, [projectFile('examples/stream-samples.mjs')], {
        cwd: folder,
        encoding: 'utf8',
      });
    const first = run().trim().split('\n').map(Number);
    assert.equal(first.length, 26);
    assert.ok(first.every((p) => p > 0 && p < 1));
    assert.ok(existsSync(join(folder, 'wearer.state')));
    assert.notEqual(run(), first.join('\n'), 'the second run goes on where the first ended');
  });

  test('refuses a sample of another size', async () => {
    const { stepper } = await openStream(await loadModel(model), { mode: 'continuous' });
    assert.throws(() => stepper.push([1, 2]), {
      code: 'engine.argument',
      message: /3 features, not 2/,
    });
    // JavaScript has no types to tell.
    assert.throws(() => stepper.push(null as never), {
      code: 'engine.argument',
      message: /3 features, not null/,
    });
  });

  test('refuses a sample that is not finite by a flag, and its state stays', async () => {
    const { stepper } = await openStream(await loadModel(model), { mode: 'continuous' });
    stepper.push([0.1, 0.2, 0.9]);
    const before = stepper.state.slice();
    for (const sample of [
      [0.1, Number.NaN, 0.9],
      [0.1, Infinity, 0.9],
    ]) {
      assert.equal(stepper.push(sample), null);
      assert.equal(stepper.flags & StepFlag.refused, StepFlag.refused);
      assert.deepEqual(stepper.state, before);
    }
    assert.equal(stepper.sampleCount, 1);
  });

  test('takes no name that there is not for another one: JavaScript has no types to tell', async () => {
    const plan = await loadModel(model);
    for (const [options, message] of [
      [{}, /mode is undefined: one of continuous, sequence, sliding/],
      [{ mode: 'continuous', engine: 'onnx' }, /engine is onnx: one of auto, native, reference/],
      [{ mode: 'continuous', weights: 'auto' }, /weights is auto: one of f32, bf16, int8/],
    ] as const) {
      await assert.rejects(openStream(plan, options as never), {
        code: 'engine.argument',
        message,
      });
    }
    await assert.rejects(loadModel(model, { outputs: 'all' as never }), {
      code: 'usage.invalid',
      message: /outputs is all: one of last, whole/,
    });
  });

  test('allows what 16 bits of Keras cost, and no more', async () => {
    const folder = projectFile('test/golden/cases/mixed-float16');
    const plan = await loadModel(join(folder, 'model.keras'));
    const known = { ...(await readCase(join(folder, 'case.json'))), tolerance: 1e-5 };
    const verify = (plan_: typeof plan) => verifyCase(plan_, known, { mode: 'sliding' });
    const { ok, tolerance, largestError } = await verify(plan);
    assert.ok(ok && largestError > 1e-5);
    assert.equal(tolerance, 0.005);
    assert.equal((await verify({ ...plan, halfPrecision: null })).ok, false);
    assert.deepEqual(
      plan.halfPrecision?.layers.map(({ type }) => type),
      ['float16', 'float16', 'float16'],
    );
  });

  test('reproduces Keras in every engine', async () => {
    const plan = await loadModel(model);
    const known = await readCase(caseFile);
    for (const engine of ['native', 'reference'] as const) {
      const result = await verifyCase(plan, known, { mode: 'continuous', engine });
      assert.equal(result.ok, true, JSON.stringify(result));
      assert.equal(result.rows, known.input.length);
    }
  });
});

function predict(input: string, ...args: string[]): Promise<Exit> {
  return runCommand(['predict', model, '--mode', 'continuous', '--input', '-', ...args], { input });
}

describe('lstmd predict', () => {
  test('finds the fields of a CSV by their names, and by their numbers', async () => {
    const plain = await predict('0.1,0.2,0.9\n0.2,0.1,0.8\n');
    assert.equal(plain.code, 0, plain.stderr);
    const filler = 'note '.repeat(1000).trim();
    const rows = `z,time,x,note,y\n0.9,1,0.1,${filler},0.2\n0.8,2,0.2,${filler},0.1\n`;
    const named = await predict(rows.replaceAll(' ', '_'), '--axes', 'x,y,z');
    assert.deepEqual([named.stderr, named.stdout], ['', plain.stdout]);
    const numbered = await predict(rows.replaceAll(' ', '_'), '--columns', '2,4,0');
    assert.deepEqual([numbered.stderr, numbered.stdout], ['', plain.stdout]);
    const neither = await predict(rows.replaceAll(' ', '_'));
    assert.match(neither.stderr, /line 2: not 3 values, .*--columns.*--axes/);
    const fewer = await predict(rows, '--axes', 'x,y');
    assert.match(fewer.stderr, /--axes: 2 names for a model of 3 features/);
  });

  test('says before it computes that the state cannot be saved', async (t) => {
    const folder = testFolder(t);
    for (const path of [folder, join(folder, 'absent/x.state'), '/dev/null/x.h5']) {
      const { code, stdout, stderr } = await predict('0.1,0.2,0.9\n', '--state-out', path);
      assert.deepEqual([code, stdout], [73, '']);
      assert.ok(stderr.startsWith(`lstmd: ${path} cannot be made: `), stderr);
    }
    const other = join(folder, 'model.keras');
    const { code, stdout, stderr } = await predict('0.1,0.2,0.9\n', '--state-out', other);
    assert.deepEqual([code, stdout], [64, '']);
    assert.match(stderr, /model\.keras: a state is written .*\.state.*\.h5.* not as \.keras/);
  });
});

describe('lstmd verify', () => {
  test('prints the largest error and where it is', async () => {
    const { code, stdout } = await runCommand(['verify', model, caseFile]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /continuous +native \(\w+\) +f32 +\d+ +\d\.\de-\d+ +1e-5 +.*\d +ok/);
  });

  test('measures what rounded weights cost beside', async () => {
    const { code, stdout } = await runCommand(['verify', model, caseFile, '--weights', 'int8']);
    assert.equal(code, 0, 'the cost is no fault');
    assert.match(stdout, /continuous +native \(\w+\) +f32 .* ok\n/);
    for (const engine of ['native', 'reference']) {
      assert.match(
        stdout,
        new RegExp(`continuous +${engine} \\(\\w+\\) +int8 .*e-[1-4] .* beyond\n`),
      );
    }
  });

  test('ends with 1 when one output, state or row is off', async (t) => {
    const folder = testFolder(t);
    const changes: [RegExp, (known: Case) => void][] = [
      [/sample 3, output 0/, ({ continuous }) => ((continuous.outputs[3] ?? [])[0] = 0.7)],
      [/rows came/, ({ continuous }) => continuous.outputs.pop()],
      [
        /state 1 of \w+, unit 2/,
        ({ continuous }) => ((Object.values(continuous.states)[0]?.[1] ?? [])[2] = 9),
      ],
    ];
    for (const [where, change] of changes) {
      const { code, stdout } = await runCommand(['verify', model, changedCase(folder, change)]);
      assert.equal(code, 1);
      assert.match(stdout, where);
      assert.match(stdout, /WRONG/);
    }
  });

  test('passes over what is null', async (t) => {
    const file = changedCase(testFolder(t), ({ continuous }) => {
      (continuous.outputs[5] ?? [])[0] = null;
    });
    assert.equal((await runCommand(['verify', model, file])).code, 0);
  });

  test('names what does not fit the model, and calls nothing ok that it cannot compare', async (t) => {
    const folder = testFolder(t);
    const changes: [RegExp, (known: Case) => void][] = [
      [
        /row 3 of continuous.outputs has 0 numbers/,
        ({ continuous }) => continuous.outputs.splice(3, 1, []),
      ],
      [
        /row 3 of continuous.outputs has 2 numbers, a row of the model 1 \(\w+ 1\)/,
        ({ continuous }) => continuous.outputs.splice(3, 1, [0.5, 0.5]),
      ],
      [/input row 2 has 2 numbers, the model takes 3/, ({ input }) => input.splice(2, 1, [1, 2])],
      [
        /state 1 of \w+ has 0 numbers/,
        ({ continuous }) => (Object.values(continuous.states)[0] ?? []).splice(1, 1, []),
      ],
      [
        /has nothing to compare with/,
        ({ continuous }) => {
          continuous.outputs = continuous.outputs.map((row) => row.map(() => null));
          continuous.states = {};
        },
      ],
      [/input: must be rows/, ({ input }) => input.splice(0)],
    ];
    for (const [message, change] of changes) {
      const { code, stdout, stderr } = await runCommand([
        'verify',
        model,
        changedCase(folder, change),
      ]);
      assert.equal(code, 64, stdout);
      assert.match(stderr, message);
    }
  });

  test('names what is no case', async (t) => {
    const folder = testFolder(t);
    const file = join(folder, 'case.json');
    writeFileSync(file, '{"input":[[1,2,3]],"continuous":{}}');
    const { code, stderr } = await runCommand(['verify', model, file]);
    assert.equal(code, 64);
    assert.match(stderr, /case\.json: continuous\.outputs: must be rows/);
    await assert.rejects(readCase(join(folder, 'absent.json')), LstmdError);
  });
});

describe('model.verify', () => {
  test('keeps a stream from running that would publish other numbers', async (t) => {
    const folder = testFolder(t);
    const config = writeConfig({
      folder,
      brokerUrl: 'mqtt://127.0.0.1',
      link: join(folder, 'tty'),
    });
    const check = (file: string) =>
      runCommand(['run', '--check', '-c', config], {
        env: { LSTMD_STREAMS_WEARER_MODEL_VERIFY: file },
      });
    assert.equal((await check(caseFile)).code, 0);
    const wrong = changedCase(folder, ({ continuous }) => ((continuous.outputs[9] ?? [])[0] = 0.5));
    const { code, stderr } = await check(wrong);
    assert.equal(code, 65);
    assert.match(stderr, /does not reproduce .* at sample 9, output 0/);
  });
});

describe('lstmd state export and import', () => {
  test('carries a state through HDF5 and back on flash', async (t) => {
    const folder = testFolder(t);
    const config = writeConfig({
      folder,
      brokerUrl: 'mqtt://127.0.0.1',
      link: join(folder, 'tty'),
    });
    const { stepper } = await openStream(await loadModel(model), { mode: 'continuous' });
    for (let n = 0; n < 40; n += 1) {
      stepper.push([n / 40, 0.1, 0.9]);
    }
    const { saveStateFile } = await import('#src/index.js');
    const given = join(folder, 'given.h5');
    const back = join(folder, 'back.h5');
    await saveStateFile(given, stepper);

    const imported = await runCommand(['state', 'import', 'wearer', given, '-c', config]);
    assert.equal(imported.code, 0, imported.stderr);
    const exported = await runCommand(['state', 'export', 'wearer', back, '-c', config]);
    assert.equal(exported.code, 0, exported.stderr);
    const { stepper: resumed } = await openStream(await loadModel(model), { mode: 'continuous' });
    const { loadStateFile } = await import('#src/index.js');
    await loadStateFile(back, resumed);
    assert.deepEqual(resumed.push([0.5, 0.1, 0.9]), stepper.push([0.5, 0.1, 0.9]));
  });

  test('names the folder that a state cannot take the place of', async (t) => {
    const { stepper } = await openStream(await loadModel(model), { mode: 'continuous' });
    const { saveStateFile } = await import('#src/index.js');
    const place = join(testFolder(t), 'wearer.state');
    mkdirSync(place);
    await assert.rejects(saveStateFile(place, stepper), {
      code: 'output.write',
      message: `${place}: it is a folder, not a file`,
    });
  });

  test('names the streams there are', async (t) => {
    const folder = testFolder(t);
    const config = writeConfig({
      folder,
      brokerUrl: 'mqtt://127.0.0.1',
      link: join(folder, 'tty'),
    });
    const { code, stderr } = await runCommand(['state', 'export', 'x', 'x.h5', '-c', config]);
    assert.equal(code, 64);
    assert.match(stderr, /no stream "x"; there are: wearer/);
  });
});
