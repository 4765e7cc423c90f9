/** `npm run lint`: rooms, lint and format of both languages; `--fix` writes what can be written. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const help = `npm run lint [-- --fix]

Looks at the rooms (scripts/rooms.mjs), then lints and checks the format of both languages.

--fix   write what can be written (npm run format)`;
const { values } = readArguments(help, { options: { fix: { type: 'boolean' } } });
const fix = values.fix === true;

function sources(folder, pattern) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

const checks = [
  [
    'oxlint',
    ['--type-aware', '--deny-warnings', ...(fix ? ['--fix'] : []), 'src', 'test', 'bench'],
  ],
  ['oxlint', ['--deny-warnings', ...(fix ? ['--fix'] : []), 'scripts']],
  ['oxfmt', [fix ? '--write' : '--check', '.']],
  [
    'clang-format',
    [...(fix ? ['-i'] : ['--dry-run', '-Werror']), ...sources('native', /\.(cpp|h)$/)],
  ],
];

/** Says how many checks are done, and which comes next. */
function tellNext(done, name) {
  process.stderr.write(`lint: ${done} of ${checks.length + 1} checks, ${name} ...\n`);
}

tellNext(0, 'rooms');
const rooms = spawnSync(process.execPath, [join(root, 'scripts/lint-rooms.mjs')], {
  stdio: 'inherit',
});
let failed = rooms.status !== 0;
if (failed) {
  process.stderr.write('lint: scripts/lint-rooms.mjs found something\n');
}
for (const [index, [tool, args]] of checks.entries()) {
  tellNext(index + 1, tool);
  const { status, error } = spawnSync(join(root, 'node_modules/.bin', tool), args, {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) {
    failed = true;
    process.stderr.write(`lint: ${tool} ${error?.message ?? 'found something'}\n`);
  }
}
process.exit(failed ? 1 : 0);
