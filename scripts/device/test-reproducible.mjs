/**
 * Shows that the packages can be made again, byte for byte: builds the last commit anew in a folder of another name, with packages
 * installed anew, and compares the addons, the .deb files and the tarballs with those in build/packages.
 *
 *   npm run package:addons && npm run package:deb && sudo node scripts/device/test-reproducible.mjs
 *
 * Uncommitted changes are refused, because the comparison would be with other sources. It works in build/again, and takes as
 * long as making the packages did.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../run.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const again = join(root, 'build/again/checkout');
const oldRoot = join(root, 'build/roots/bullseye');

/** The SHA-256 of each file that is handed on, by its path in build/packages. */
function hashesOf(checkout) {
  const folder = join(checkout, 'build/packages');
  const entries = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true, recursive: true })
    : [];
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [
        relative(folder, path),
        createHash('sha256').update(readFileSync(path)).digest('hex'),
      ]),
  );
}

if (run(['git', 'status', '--porcelain'], { cwd: root }).stdout !== '') {
  process.stderr.write('lstmd: there are changes that are not committed: commit them first\n');
  process.exit(1);
}
rmSync(again, { recursive: true, force: true });
run(['git', 'clone', '--quiet', '--shared', root, again]);
run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: again });
run([process.execPath, 'scripts/package/addons.mjs', '--root', oldRoot], { cwd: again });
run([process.execPath, 'scripts/package/deb.mjs'], { cwd: again });
const first = hashesOf(root);
const second = hashesOf(again);
let failed = second.size === 0;
for (const [path, hash] of second) {
  const isSame = first.get(path) === hash;
  failed ||= !isSame;
  const verdict = isSame ? 'the same' : first.has(path) ? 'DIFFERENT' : 'MISSING IN THE FIRST';
  process.stdout.write(`${hash}  ${path}: ${verdict}\n`);
}
process.exitCode = failed ? 1 : 0;
