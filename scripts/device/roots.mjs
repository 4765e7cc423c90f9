/** The roots of Debian in which the packages are tried: made once in build/roots, copied for each test, and booted. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debootstrap, makeOnce } from '../package/debian-root.mjs';
import { run } from '../run.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const packages = join(root, 'build/packages');
const included = ['systemd', 'systemd-sysv', 'udev', 'dbus', 'ca-certificates'];
const bootMs = 1_800_000;

/** Each suite with the packages that are installed there: Debian 13 has a Node of its own that will do. */
export const suites = {
  bookworm: /^lstmd(-node)?_.*_amd64\.deb$/,
  trixie: /^lstmd_.*_amd64\.deb$/,
};

/** A copy of a bare root, for one test. */
export function bareRoot(suite, name = 'test') {
  const bare = join(root, 'build/roots', `${suite}.bare`);
  makeOnce(bare, (unfinished) => debootstrap(unfinished, suite, included));
  const copy = copyRoot(bare, `${suite}.${name}`);
  // An installer writes it, and debootstrap does not.
  writeFileSync(join(copy, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n');
  return copy;
}

/** Copies a root to another name in build/roots, over one that is there; returns its folder. */
export function copyRoot(folder, name) {
  const copy = join(root, 'build/roots', name);
  rmSync(copy, { recursive: true, force: true });
  run(['cp', '-a', folder, copy]);
  return copy;
}

/** Copies packages to /root of a root (a boot empties /tmp); returns their paths within it. */
export function copyPackages(folder, pattern) {
  const names = readdirSync(packages).filter((name) => pattern.test(name));
  for (const name of names) {
    cpSync(join(packages, name), join(folder, 'root', name));
  }
  return names.map((name) => `/root/${name}`);
}

/** Installs packages, of files or by name, in a root that is not booted. */
export function install(folder, names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  run(['chroot', folder, 'apt-get', 'update', '-qq'], { env });
  const apt = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends'];
  run(['chroot', folder, ...apt, ...names], { env });
}

/** Has a script run at the next boot of a root, which it ends. */
export function addScript(folder, text) {
  writeFileSync(join(folder, 'root/check.sh'), text, { mode: 0o755 });
  const units = join(folder, 'etc/systemd/system');
  const unit = '[Unit]\nAfter=multi-user.target\n[Service]\nExecStart=/root/check.sh\n';
  writeFileSync(join(units, 'check.service'), unit);
  mkdirSync(join(units, 'multi-user.target.wants'), { recursive: true });
  run(['ln', '-sf', '../check.service', join(units, 'multi-user.target.wants/check.service')]);
}

/**
 * Boots a root in namespaces of its own, until it powers itself off. It has control groups of version 2, by whose programs (BPF) the
 * kernel holds DeviceAllow= and IPAddressDeny= of its units: also on a machine that has version 1 beside it.
 *
 * @param options.hasNetwork whether it has this machine's network, where brokers of two that run at once would meet
 */
export function boot(folder, { hasNetwork = false } = {}) {
  const groups = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) => existsSync(path));
  const group = join(groups, `lstmd-${process.pid}`);
  mkdirSync(group);
  const nspawn = [
    'systemd-nspawn -q --register=no --keep-unit --capability=all --system-call-filter=bpf',
    hasNetwork ? '' : '--private-network',
    '-D "$0" --boot',
  ];
  const script = [
    `echo $$ >${group}/cgroup.procs`,
    'mount -t tmpfs none /run',
    'mkdir -p /run/systemd/nspawn',
    `exec ${nspawn.join(' ')}`,
  ];
  run(['unshare', '-m', 'sh', '-c', script.join(' && '), folder], {
    env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: bootMs,
    killSignal: 'SIGKILL',
  });
  removeGroup(group);
}

/** Removes a control group with those in it, which are empty by now. */
function removeGroup(group) {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      removeGroup(join(group, entry.name));
    }
  }
  rmdirSync(group);
}

/** A script of this folder, with the functions that all of them share before it. */
export function scriptText(name) {
  return `#!/bin/bash\n${textOf('functions.sh')}\n${textOf(name)}`;
}

function textOf(name) {
  return readFileSync(join(root, 'scripts/device', name), 'utf8');
}

/** Prints what a script has written; returns whether all of it went well, up to the last line that is expected. */
export function report(title, log, last) {
  process.stdout.write(`${title}\n${log}`);
  return !/^not ok/m.test(log) && log.includes(last);
}
