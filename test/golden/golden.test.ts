import { projectFile } from '../support/project.js';
import { describeCase } from './describe-case.js';
import { caseNames, readGoldenCase } from './golden-case.js';

for (const name of caseNames()) {
  describeCase(readGoldenCase(name));
}
describeCase(readGoldenCase('examples/running', projectFile('examples/running')));
