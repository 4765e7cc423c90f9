/**
 * Follows a user from a bare Debian to a running service, in roots of bookworm (with lstmd-node) and of trixie (with Debian's own
 * Node): installs the packages, boots the root, has check-service.sh look at the service, boots it again, and purges.
 *
 *   npm run package:deb && sudo node scripts/device/test-debian.mjs [--suite trixie]
 *
 * It needs root, debootstrap and systemd-container, takes some minutes, and works in build/roots. In a container the unit's
 * DeviceAllow= and IPAddressDeny= have no force: test-machine.mjs has a kernel of its own.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '../arguments.mjs';
import { run } from '../run.mjs';
import {
  addScript,
  bareRoot,
  boot,
  copyPackages,
  install,
  report,
  root,
  scriptText,
  suites,
} from './roots.mjs';

/** Makes a package of the same name and a lower version, whose scripts are those of this one. */
function addOlder(folder) {
  const [path] = copyPackages(folder, /^lstmd_.*_amd64\.deb$/);
  const older = join(root, 'build/roots/older');
  rmSync(older, { recursive: true, force: true });
  mkdirSync(older, { recursive: true });
  run(['dpkg-deb', '-R', join(folder, path), older]);
  for (const name of ['control', 'preinst']) {
    const file = join(older, 'DEBIAN', name);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(version, '0.0.9'));
  }
  run(['dpkg-deb', '-Znone', '-b', older, join(folder, 'root/older.deb')]);
}

function purge(folder) {
  run(['chroot', folder, 'dpkg', '--purge', 'lstmd']);
  const left = ['etc/lstmd', 'var/lib/private/lstmd', 'usr/lib/lstmd', 'usr/bin/lstmd'];
  const found = left.filter((path) => existsSync(join(folder, path)));
  return found.length === 0 ? 'ok purge removes everything' : `not ok purge leaves ${found}`;
}

const names = Object.keys(suites);
const help = `sudo node scripts/device/test-debian.mjs [--suite SUITE]

Follows a user from a bare Debian to a running service, with the packages in build/packages, in roots below build/roots.

--suite SUITE   one of ${names.join(', ')}; may be given again; default all`;
const { values: flags } = readArguments(help, {
  options: { suite: { type: 'string', multiple: true, choices: names, default: names } },
});
let isGood = true;
for (const suite of flags.suite) {
  const folder = bareRoot(suite);
  const begunMs = performance.now();
  install(folder, [...copyPackages(folder, suites[suite]), 'mosquitto', 'mosquitto-clients']);
  const seconds = Math.round((performance.now() - begunMs) / 1000);
  addOlder(folder);
  addScript(folder, scriptText('check-service.sh'));
  boot(folder);
  boot(folder);
  const log = `${readFileSync(join(folder, 'root/check.log'), 'utf8')}${purge(folder)}\n`;
  isGood =
    report(`${suite}: installed in ${seconds} s`, log, 'ok resumed after poweroff') && isGood;
}
process.exitCode = isGood ? 0 : 1;
