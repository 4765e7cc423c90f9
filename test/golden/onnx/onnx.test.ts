import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectFile } from '../../support/project.js';
import { describeCase } from '../describe-case.js';
import { readGoldenCase } from '../golden-case.js';

const folder = projectFile('test/golden/onnx/cases');

for (const name of readdirSync(folder).sort()) {
  describeCase(readGoldenCase(name, join(folder, name)));
}
