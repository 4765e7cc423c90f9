import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LstmdError } from '#src/base/errors.js';
import { loadModel } from '#src/model/load-model.js';
import { modes } from '#src/model/plan/stream-plan.js';
import { projectFile } from '../../support/project.js';
import { describeCase } from '../describe-case.js';
import { readGoldenCase, type GoldenCase } from '../golden-case.js';

const folder = projectFile('test/golden/onnx/cases');

for (const name of readdirSync(folder).sort()) {
  const golden = readGoldenCase(name, join(folder, name));
  if (isJudged(golden)) {
    describeCase(golden);
  } else {
    test(`${name} is refused by the name of a node`, () => assertNodeRefused(golden));
  }
}

/** A case that no mode judges may be refused; what it may not be is wrong. */
function isJudged(golden: GoldenCase): boolean {
  return golden.expect !== 'ok' || modes.some((mode) => golden.streamable[mode] !== null);
}

async function assertNodeRefused(golden: GoldenCase): Promise<void> {
  await assert.rejects(loadModel(join(golden.folder, golden.file)), (error) => {
    assert.ok(error instanceof LstmdError);
    assert.equal(error.code, 'model.refused');
    assert.match(error.message, /(node|input) "/);
    return true;
  });
}
