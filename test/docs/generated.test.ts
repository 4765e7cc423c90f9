import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectFile } from '../support/project.js';

interface ConfigurationScript {
  readonly configurationPage: (schema: unknown) => string;
}

interface PictureScript {
  readonly pictures: Readonly<Record<string, string>>;
}

async function script(name: string): Promise<unknown> {
  return import(pathToFileURL(projectFile(`scripts/docs/${name}`)).href);
}

test('the page of the configuration has every option as the schema has it', async () => {
  const { configurationPage } = (await script('write-configuration.mjs')) as ConfigurationScript;
  const schema: unknown = JSON.parse(readFileSync(projectFile('deploy/lstmd.schema.json'), 'utf8'));
  const page = readFileSync(projectFile('docs/configuration.md'), 'utf8');
  const isAsMade = page === configurationPage(schema);
  assert.ok(isAsMade, 'docs/configuration.md is not what the schema says: npm run generate');
});

test('a publisher that comes beside another has a heading of its own on that page', async () => {
  const { configurationPage } = (await script('write-configuration.mjs')) as ConfigurationScript;
  const schema = JSON.parse(readFileSync(projectFile('deploy/lstmd.schema.json'), 'utf8')) as {
    properties: Record<string, unknown>;
  };
  schema.properties['file'] = schema.properties['mqtt'];
  const [device = '', ...sections] = configurationPage(schema).split(/^## /m).slice(1);
  assert.ok(device.startsWith('The device') && !device.includes('`file.'));
  assert.ok(
    sections.some((section) => section.startsWith('file\n') && section.includes('`file.url`')),
  );
});

test('the pictures of the modes are as their script draws them', async () => {
  const { pictures } = (await script('write-modes.mjs')) as PictureScript;
  assert.equal(Object.keys(pictures).length, 3);
  for (const [name, svg] of Object.entries(pictures)) {
    const isDrawn = readFileSync(projectFile(`docs/${name}`), 'utf8') === svg;
    assert.ok(isDrawn, `docs/${name} is not what its script draws: npm run generate`);
  }
});
