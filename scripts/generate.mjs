/**
 * `npm run generate`: compiles src/ and writes every file that is made from it: deploy/lstmd.schema.json, docs/configuration.md, the
 * pictures of docs/modes.md and native/kernel/format/codes.h. Tests hold each to its source. It says which of them changed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { run } from './run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const schemaFile = 'deploy/lstmd.schema.json';
const generated = [
  schemaFile,
  'docs/configuration.md',
  'docs/modes-continuous.svg',
  'docs/modes-sequence.svg',
  'docs/modes-sliding.svg',
  'native/kernel/format/codes.h',
];

readArguments(`npm run generate

Compiles src/ and writes what is made from it: ${generated.join(', ')}.`);

const contents = () => generated.map((file) => readFileSync(join(root, file), 'utf8'));
const node = (...command) => run([process.execPath, ...command], { cwd: root }).stdout;

const before = contents();
node('node_modules/typescript/bin/tsc', '-b');
writeFileSync(join(root, schemaFile), node('dist/cli.js', 'run', '--schema'));
// The page is made from the schema.
node('scripts/docs/write-configuration.mjs');
node('scripts/docs/write-modes.mjs');
node('scripts/write-codes.mjs');

const after = contents();
const changed = generated.filter((_, i) => before[i] !== after[i]);
process.stdout.write(
  changed.length === 0 ? 'nothing changed\n' : `written anew: ${changed.join(', ')}\n`,
);
