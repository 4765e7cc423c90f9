import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectFile } from '../support/project.js';

interface Generator {
  readonly configurationPage: (schema: unknown) => string;
}

test('the page of the configuration has every option as the schema has it', async () => {
  const file = pathToFileURL(projectFile('scripts/docs/write-configuration.mjs')).href;
  const { configurationPage } = (await import(file)) as Generator;
  const schema: unknown = JSON.parse(readFileSync(projectFile('deploy/lstmd.schema.json'), 'utf8'));
  const page = readFileSync(projectFile('docs/configuration.md'), 'utf8');
  // After a change: node scripts/docs/write-configuration.mjs
  assert.equal(page, configurationPage(schema));
});
