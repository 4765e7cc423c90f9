/**
 * The root of an old Debian in which the addons for other machines are built, so that they need no newer C library than
 * that of Debian 11, Ubuntu 20.04 and JetPack 5 (glibc 2.31). debootstrap makes it once, with the compilers of that release,
 * which never change any more.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled } from '../build-tools.mjs';
import { run } from '../run.mjs';
import { debootstrap, makeOnce } from './debian-root.mjs';

const suite = 'bullseye';
const packages = ['g++', 'g++-aarch64-linux-gnu', 'make', 'cmake'];
/** The only variables that programs have there: what they build does not depend on whoever runs them. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Returns why no such root can be used here; null where one can. */
export function oldRootObstacle() {
  if (process.getuid?.() !== 0) {
    return 'a root of its own needs the rights of root: run it with sudo';
  }
  return isInstalled('debootstrap')
    ? null
    : 'debootstrap not found; run: sudo apt-get install -y debootstrap';
}

/** Makes the root where it is absent. */
export function makeOldRoot(folder) {
  makeOnce(folder, (unfinished) => {
    process.stderr.write(`lstmd: making a root of Debian 11 in ${folder}, which takes minutes\n`);
    debootstrap(unfinished, suite, packages, { env });
  });
}

/** Copies sources to a path within the root that is the same in every checkout, since paths get into binaries. */
export function copyIntoRoot(folder, sources) {
  const inside = join(folder, 'src');
  rmSync(inside, { recursive: true, force: true });
  for (const [name, path] of Object.entries(sources)) {
    cpSync(path, join(inside, name), { recursive: true, dereference: true });
  }
}

/** Runs a program within the root. Its output is shown where it fails, and the process ends. */
export function runInRoot(folder, program, args) {
  run(['chroot', folder, program, ...args], { env });
}
