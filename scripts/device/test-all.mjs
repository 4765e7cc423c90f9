/**
 * `npm run test:device`: everything about the packages that needs roots of Debian, machines or an hour, one after the other. It makes the
 * packages first. Each part is a command of its own.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, refuse } from '../arguments.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const making = ['scripts/package/addons.mjs', 'scripts/package/deb.mjs'];
/** Each part with what it shows. */
const parts = {
  packages: 'npm 11 and 12 on Node 20 to 26, x64 and arm64',
  'arm-deb': 'the packages for arm64 under qemu',
  debian: 'the service on Debian 12 and 13: start, watchdog, upgrade, reboot, purge',
  words: 'docs/getting-started.md, word by word',
  machine: 'the unit in a machine of its own',
  container: 'the image, built and run without rights',
  reproducible: 'the packages again, byte for byte',
};

const help = `sudo npm run test:device [-- PART...]

Makes the packages (package:addons, package:deb), which takes a root of Debian 11, then tries them in these parts, an hour in all.
With words: the parts whose name has one of them.

${Object.entries(parts)
  .map(([name, shows]) => `${name.padEnd(13)} ${shows}`)
  .join('\n')}`;

function runs(script) {
  const { status } = spawnSync(process.execPath, [join(root, script)], { stdio: 'inherit' });
  return status === 0;
}

const { words } = readArguments(help, { words: null });
const names = Object.keys(parts);
const unknown = words.find((word) => !names.some((name) => name.includes(word)));
if (unknown !== undefined) {
  refuse(`no part has "${unknown}" in its name; known are ${names.join(', ')}`);
}
const chosen = names.filter(
  (name) => words.length === 0 || words.some((word) => name.includes(word)),
);
const failed = making.every(runs)
  ? chosen.filter((name) => {
      process.stdout.write(`\n== ${name}: ${parts[name]}\n`);
      return !runs(`scripts/device/test-${name}.mjs`);
    })
  : ['the making of the packages'];
process.stdout.write(failed.length === 0 ? '\nall is well\n' : `\nfailed: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
