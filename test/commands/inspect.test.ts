import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { recommend, recommendationText } from '#src/commands/inspect/recommendation.js';
import { loadModel } from '#src/model/load-model.js';
import { tasksFolder } from '../golden/task-case.js';
import { runCommand } from '../support/command.js';
import { testFolder } from '../support/daemon.js';
import { load } from '../support/graph-writer.js';
import { denseLayer, inputLayer, lstmLayer } from '../support/model-writer.js';
import { projectFile } from '../support/project.js';

const names = ['autoencoder', 'forecaster', 'regressor'] as const;
const fileOf = (name: string) => join(tasksFolder, name, 'model.keras');

/** The line on the axes of an input that `inspect` prints of a golden case; empty where there is none. */
async function windowLine(name: string): Promise<string> {
  const file = projectFile(`test/golden/cases/${name}/model.keras`);
  const { stdout } = await runCommand(['inspect', file]);
  return stdout.split('\n').find((line) => line.startsWith('window')) ?? '';
}

describe('the recommendation of inspect', () => {
  test('is a configuration that runs, for every task', async (t) => {
    const folder = testFolder(t);
    const files = [...names.map(fileOf), projectFile('examples/running/running.keras')];
    const streams = await Promise.all(
      files.map(async (file, i) => {
        const { yaml } = recommend(await loadModel(file), file);
        const lines = yaml.split('\n').map((line) => `    ${line}`);
        return `  s${i}:\n    sensor: { link: ${folder}/tty${i}, rateHz: 26 }\n${lines.join('\n')}\n`;
      }),
    );
    const config = join(folder, 'lstmd.yaml');
    const head = 'device: box\nmqtt: { url: "mqtt://127.0.0.1:1" }\nstreams:\n';
    writeFileSync(config, `${head}${streams.join('')}`);
    const { code, stderr } = await runCommand(['run', '--check', '-c', config]);
    assert.equal(code, 0, stderr);
  });

  test('says how samples lie in an input of more axes', async () => {
    assert.match(
      await windowLine('conv-lstm-2d'),
      /\(4, 1, 5, 3\).* 4 parts of 5 samples of 3 features/,
    );
    assert.match(await windowLine('conv-lstm-1d'), /\(12, 3, 1\) is read as 12 samples/);
    assert.equal(await windowLine('attention'), '');
  });

  test('has stable fields in JSON', async () => {
    const file = fileOf('autoencoder');
    const { stdout } = await runCommand(['inspect', file, '--json']);
    const { recommendation, outputs } = JSON.parse(stdout) as Record<string, object>;
    assert.deepEqual(outputs, [
      { name: 'time_distributed', size: 3, shape: [16, 3], task: 'reconstruct' },
    ]);
    const { yaml, inexact, ...rest } = recommendation as ReturnType<typeof recommend>;
    assert.match(yaml, /^model:\n {2}file: ".*"\n {2}mode: sliding\n {2}task: reconstruct\n/);
    assert.deepEqual(
      inexact.map(({ mode, layer }) => `${mode} ${layer}`),
      ['continuous repeat_vector', 'sequence repeat_vector'],
    );
    assert.deepEqual(rest, {
      trainedOn: 'windows of 16 steps',
      mode: 'sliding',
      stride: 1,
      reason:
        'its output is a whole window, which is computed at once: the answer of predict for the last 16 samples',
      multiplyAddsPerSample: 21_600,
      tasks: [
        {
          head: 'time_distributed',
          task: 'reconstruct',
          isSure: true,
          reason:
            'it gives back the shape of its window, (16, 3) of (16, 3), from a vector; trained with mean_squared_error',
        },
      ],
      normalisation: null,
    });
  });

  test('carries the state where the windows are of one step or of any number', async () => {
    for (const steps of [1, null]) {
      const plan = await load([
        inputLayer(steps),
        lstmLayer('lstm', 3, 4),
        denseLayer('head', 4, 1),
      ]);
      assert.equal(recommend(plan, 'model.keras').mode, 'continuous');
    }
  });

  test('says what a Normalization layer expects, and asks for a wider stride where a window is dear', async () => {
    const config = { name: 'adapted', axis: [-1], mean: [1, 2, 3], variance: [4, 9, 0.25] };
    const plan = await load([
      inputLayer(100),
      { class_name: 'Normalization', config },
      lstmLayer('lstm', 3, 100),
      denseLayer('head', 100, 2, { activation: 'softmax' }),
    ]);
    const given = recommend(plan, 'model.keras');
    assert.equal(given.stride, 10);
    assert.match(
      recommendationText(given).join('\n'),
      /features {5}the model's Normalization layer "adapted" expects mean 1, 2, 3, deviation 2, 3, 0\.5/,
    );
    assert.match(given.yaml, /\n {2}stride: 10\n {2}task: classify\n {2}labels: \[name1, name2\]/);
  });
});
