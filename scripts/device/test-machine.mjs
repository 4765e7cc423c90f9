/**
 * Shows in a machine with a kernel of its own what a container cannot: that the directives of the unit are in force and are borne, one
 * by one and together, and a start on a tenth of a core.
 *
 *   npm run package:deb && sudo node scripts/device/test-machine.mjs [--emulated]
 *
 * It needs debootstrap, qemu-system-x86 and e2fsprogs, works in build/roots. With
 * --emulated, and without /dev/kvm, it takes a quarter of an hour, and leaves out what would only measure the emulation.
 */
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../run.mjs';
import {
  addScript,
  bareRoot,
  copyPackages,
  copyRoot,
  install,
  report,
  root,
  scriptText,
  suites,
} from './roots.mjs';

const suite = 'trixie';
const machineMs = 3_600_000;
const { values: flags } = parseArgs({ options: { emulated: { type: 'boolean', default: false } } });
const hasKvm = existsSync('/dev/kvm') && !flags.emulated;
const needed = ['linux-image-cloud-amd64', 'initramfs-tools', 'mosquitto', 'nodejs'];

/** A root with a kernel, made once: the initramfs of it takes minutes. */
function machineRoot() {
  const kept = join(root, 'build/roots', `${suite}.machine`);
  if (!existsSync(kept)) {
    const unfinished = bareRoot(suite, 'machine.unfinished');
    install(unfinished, needed);
    renameSync(unfinished, kept);
  }
  return copyRoot(kept, `${suite}.disk`);
}

/** Starts the machine on a disk of this root, until it powers itself off; returns what the script wrote. */
function runMachine(folder) {
  const disk = join(root, 'build/roots', `${suite}.img`);
  rmSync(disk, { force: true });
  run(['mke2fs', '-q', '-t', 'ext4', '-d', folder, disk, '4G']);
  const boot = join(folder, 'boot');
  const named = (prefix) =>
    join(
      boot,
      readdirSync(boot).find((name) => name.startsWith(prefix)),
    );
  const network = ['-netdev', 'user,id=net', '-device', 'virtio-net,netdev=net'];
  const accelerated = hasKvm
    ? ['-enable-kvm', '-cpu', 'host,arch-capabilities=off']
    : ['-accel', 'tcg,thread=multi', '-cpu', 'max'];
  const consoles = [
    '-display',
    'none',
    '-serial',
    `file:${join(root, 'build/roots/console.log')}`,
    '-serial',
    'null',
  ];
  const kernel = ['-kernel', named('vmlinuz-'), '-initrd', named('initrd.img-')];
  const options = 'root=/dev/vda rw console=ttyS0 net.ifnames=0 panic=1 no_timer_check';
  const drive = `file=${disk},format=raw,if=virtio,cache=unsafe`;
  const size = ['-m', '1024', '-smp', '2', '-no-reboot'];
  const started = [...accelerated, ...size, ...network, ...consoles, ...kernel];
  run(['qemu-system-x86_64', ...started, '-append', options, '-drive', drive], {
    timeout: machineMs,
    killSignal: 'SIGKILL',
  });
  return run(['debugfs', '-R', 'cat /root/check.log', disk], {
    stdio: ['ignore', 'pipe', 'ignore'],
  }).stdout;
}

const folder = machineRoot();
install(folder, copyPackages(folder, suites[suite]));
const units = join(folder, 'etc/systemd/network');
writeFileSync(join(units, 'eth0.network'), '[Match]\nName=eth0\n[Network]\nDHCP=ipv4\n');
run(['chroot', folder, 'systemctl', 'enable', 'systemd-networkd', 'systemd-networkd-wait-online']);
const script = scriptText('check-machine.sh');
addScript(folder, hasKvm ? script : script.replace('#!/bin/bash\n', '#!/bin/bash\nslow=6\n'));
const log = runMachine(folder);
process.exitCode = report('a machine of its own', log, 'ok the end') ? 0 : 1;
