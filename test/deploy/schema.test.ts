import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { loadConfig } from '#src/config/load-config.js';
import { configSchema } from '#src/agent/config-schema.js';
import { jsonSchemaOf } from '#src/config/schema.js';
import { projectFile } from '../support/project.js';

test('ships the JSON Schema of the configuration that the program reads', () => {
  const shipped: unknown = JSON.parse(
    readFileSync(projectFile('deploy/lstmd.schema.json'), 'utf8'),
  );
  const read: unknown = JSON.parse(JSON.stringify(jsonSchemaOf(configSchema)));
  const isShipped = isDeepStrictEqual(shipped, read);
  assert.ok(isShipped, 'deploy/lstmd.schema.json is not what the program reads: npm run generate');
});

test('ships examples that are accepted', async () => {
  for (const file of ['deploy/examples/lstmd.yaml', 'deploy/container/lstmd.yaml']) {
    const { config } = await loadConfig(configSchema, projectFile(file), {});
    assert.deepEqual(Object.keys(config.streams), ['wearer']);
  }
});
