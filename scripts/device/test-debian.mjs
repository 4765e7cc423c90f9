/**
 * Follows a user from a bare Debian to a running service, in roots of bookworm (with lstmd-node) and of trixie (with Debian's own
 * Node): installs the packages, boots the root, has check-service.sh look at the service, boots it again, and purges.
 *
 *   npm run package:deb && sudo node scripts/device/test-debian.mjs [--suite trixie]
 *
 * It needs root, debootstrap and systemd-container, takes some minutes, and works in build/roots. In a container the unit's
 * DeviceAllow= and IPAddressDeny= may have no force: they need cgroups that it may write.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packages = join(root, 'build/packages');
const mirror = 'http://deb.debian.org/debian';
const included = 'systemd,systemd-sysv,udev,dbus,ca-certificates';
/** The packages that are installed beside the broker. */
const suites = { bookworm: /^lstmd(-node)?_.*_amd64\.deb$/, trixie: /^lstmd_.*_amd64\.deb$/ };
const bootMs = 900_000;

function run(command, options = {}) {
  const [program, ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    ...options,
  });
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}${error ?? ''}\nlstmd: ${command.join(' ')} failed\n`);
    process.exit(1);
  }
  return stdout;
}

/** A bare root, of which each test has a copy. */
function bareRoot(suite) {
  const bare = join(root, 'build/roots', `${suite}.bare`);
  if (!existsSync(bare)) {
    const unfinished = `${bare}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    run(['debootstrap', '--variant=minbase', `--include=${included}`, suite, unfinished, mirror]);
    run(['mv', unfinished, bare]);
  }
  const copy = join(root, 'build/roots', `${suite}.test`);
  rmSync(copy, { recursive: true, force: true });
  run(['cp', '-a', bare, copy]);
  return copy;
}

function install(folder, pattern) {
  const files = readdirSync(packages).filter((name) => pattern.test(name));
  for (const name of files) {
    cpSync(join(packages, name), join(folder, 'tmp', name));
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const apt = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends'];
  const paths = files.map((name) => `/tmp/${name}`);
  run(['chroot', folder, 'apt-get', 'update', '-qq'], { env });
  run(['chroot', folder, ...apt, ...paths, 'mosquitto'], { env });
}

function addCheck(folder) {
  cpSync(join(root, 'scripts/device/check-service.sh'), join(folder, 'root/check-service.sh'));
  const units = join(folder, 'etc/systemd/system');
  const unit = '[Unit]\nAfter=multi-user.target\n[Service]\nExecStart=/root/check-service.sh\n';
  writeFileSync(join(units, 'check.service'), unit);
  mkdirSync(join(units, 'multi-user.target.wants'), { recursive: true });
  run(['ln', '-sf', '../check.service', join(units, 'multi-user.target.wants/check.service')]);
}

/** Boots the root in namespaces of its own, until it powers itself off. */
function boot(folder) {
  const nspawn = 'systemd-nspawn -q --register=no --keep-unit -D "$0" --boot';
  const script = `mount -t tmpfs none /run && mkdir -p /run/systemd/nspawn && exec ${nspawn}`;
  run(['unshare', '-m', 'sh', '-c', script, folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: bootMs,
    killSignal: 'SIGKILL',
  });
}

function purge(folder) {
  run(['chroot', folder, 'dpkg', '--purge', 'lstmd']);
  const left = ['etc/lstmd', 'var/lib/private/lstmd', 'usr/lib/lstmd', 'usr/bin/lstmd'];
  const found = left.filter((path) => existsSync(join(folder, path)));
  return found.length === 0 ? 'ok purge removes everything' : `not ok purge leaves ${found}`;
}

const { values: flags } = parseArgs({
  options: { suite: { type: 'string', multiple: true, default: Object.keys(suites) } },
});
let failed = false;
for (const suite of flags.suite) {
  const folder = bareRoot(suite);
  const begunMs = performance.now();
  install(folder, suites[suite]);
  const seconds = Math.round((performance.now() - begunMs) / 1000);
  addCheck(folder);
  boot(folder);
  boot(folder);
  const log = `${readFileSync(join(folder, 'root/check.log'), 'utf8')}${purge(folder)}\n`;
  failed ||= /^not ok/m.test(log) || !log.includes('ok resumed after poweroff');
  process.stdout.write(`${suite}: installed in ${seconds} s\n${log}`);
}
process.exitCode = failed ? 1 : 0;
