import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stepOpCodes, windowOpCodes } from '#src/engine/native/operation-encoding.js';
import { encodeProgram, version } from '#src/engine/native/program-encoding.js';
import { programOf } from '#src/engine/program/program.js';
import { denseLayer, inputLayer, kerasArchive, loadBytes } from '../support/model-writer.js';
import { projectFile } from '../support/project.js';

const page = readFileSync(projectFile('docs/formats/program-words.md'), 'utf8');

test('the page of program words has the version that is written', () => {
  assert.match(page, new RegExp(`^\\| 1 +\\| \`version\` +\\| ${version} +\\|`, 'm'));
});

test('the page of program words has every operation by its code', () => {
  const missing = Object.entries({ ...stepOpCodes, ...windowOpCodes }).filter(
    ([name, code]) => !new RegExp(`^\\| ${code} +\\| \`${name}\` +\\|`, 'm').test(page),
  );
  assert.deepEqual(missing, [], 'docs/formats/program-words.md has a row for each operation');
});

test('the example of program words is what is written', async () => {
  const [, example = ''] = /^## An example$([^]*?)^## /m.exec(page) ?? [];
  const rows = [...example.matchAll(/^\| (\d[-\d, ]*) +\|/gm)];
  const words = rows.flatMap(([, numbers = '']) => numbers.split(',').map(Number));
  const layers = [inputLayer(null), denseLayer('dense', 3, 2, { activation: 'sigmoid' })];
  const plan = await loadBytes(await kerasArchive({ kerasVersion: '3.15.1', layers }));
  const encoded = encodeProgram(programOf(plan, { mode: 'continuous' }));
  assert.deepEqual(words, [...encoded.words]);
});
