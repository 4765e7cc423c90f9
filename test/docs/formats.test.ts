import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stepOpCodes, windowOpCodes } from '#src/engine/native/operation-encoding.js';
import { version } from '#src/engine/native/program-encoding.js';
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
