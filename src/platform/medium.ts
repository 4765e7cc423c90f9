import { existsSync } from 'node:fs';
import { readFile, readlink, realpath, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { deviceNumber, namesIn, numberIn, textIn } from './sys-files.js';

/** Holds what Linux tells of the medium that a folder lies on. */
export interface Medium {
  /** The kind of the file system, such as ext4; null where nothing tells. */
  readonly fileSystem: string | null;
  /** The disk, such as mmcblk0; null for a file system that lies on none. */
  readonly disk: string | null;
  readonly kind:
    | 'SD card'
    | 'eMMC'
    | 'NVMe'
    | 'USB stick or disk'
    | 'hard disk'
    | 'solid state'
    | null;
  readonly freeBytes: number;
  /**
   * How much of the life of an eMMC is used up, by its own estimate: percent, at most, in steps of 10; above 100 it is
   * beyond what it was made for. Null for media that do not tell.
   */
  readonly wornPercent: number | null;
  /** Bytes that were written to the file system since it was made; null where it does not count. */
  readonly writtenBytes: number | null;
  /** Errors that the file system has counted since it was last repaired; null where it does not count. */
  readonly errors: number | null;
}

/** Says where Linux tells of mounts and disks; tests name other folders. */
export interface MediumFolders {
  readonly mounts: string;
  readonly sys: string;
}

const linuxFolders: MediumFolders = { mounts: '/proc/self/mountinfo', sys: '/sys' };

/**
 * Looks at the medium of a folder, which need not be there yet: then that of the nearest folder above it.
 *
 * @throws Error in the words of the system where nothing of the path can be looked at
 */
export async function mediumOf(
  path: string,
  folders: MediumFolders = linuxFolders,
): Promise<Medium> {
  const at = await nearestThere(path);
  const [{ dev }, { bavail, bsize }, mounts] = await Promise.all([
    stat(at),
    statfs(at),
    readFile(folders.mounts, 'utf8').catch(() => ''),
  ]);
  const mount = mountOf(at, mounts);
  const device = mount?.device ?? deviceNumber(dev);
  const partition = await nameOf(join(folders.sys, 'dev/block', device));
  const disk = partition === null ? null : await diskOf(partition, folders.sys);
  const counters = join(folders.sys, 'fs/ext4', partition ?? '');
  const isExt4 = mount?.fileSystem === 'ext4' && partition !== null;
  const writtenKiB = isExt4 ? await numberIn(join(counters, 'lifetime_write_kbytes')) : null;
  return {
    fileSystem: mount?.fileSystem ?? null,
    disk,
    kind: disk === null ? null : await kindOf(disk, folders.sys),
    freeBytes: bavail * bsize,
    wornPercent: disk === null ? null : await wearOf(join(folders.sys, 'block', disk)),
    writtenBytes: writtenKiB === null ? null : writtenKiB * 1024,
    errors: isExt4 ? await numberIn(join(counters, 'errors_count')) : null,
  };
}

async function nearestThere(path: string): Promise<string> {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) {
    at = dirname(at);
  }
  return realpath(at);
}

/** The mount that a path lies on: of those whose folder is above it, the innermost and the last. */
function mountOf(
  path: string,
  mounts: string,
): { readonly device: string; readonly fileSystem: string } | undefined {
  let found: { readonly device: string; readonly fileSystem: string } | undefined;
  let depth = -1;
  for (const line of mounts.split('\n')) {
    const [, , device, , point = ''] = line.split(' ');
    const fileSystem = / - (\S+) /.exec(line)?.[1];
    const folder = point.replaceAll(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCodePoint(Number.parseInt(octal, 8)),
    );
    const isAbove = folder === '/' || path === folder || path.startsWith(`${folder}/`);
    if (device !== undefined && fileSystem !== undefined && isAbove && folder.length >= depth) {
      found = { device, fileSystem };
      depth = folder.length;
    }
  }
  return found;
}

async function nameOf(link: string): Promise<string | null> {
  return readlink(link).then(basename, () => null);
}

/** The disk of a partition, and of what lies on one other device: LUKS and LVM. */
async function diskOf(partition: string, sys: string): Promise<string> {
  const [slave] = await namesIn(join(sys, 'class/block', partition, 'slaves'));
  if (slave !== undefined) {
    return diskOf(slave, sys);
  }
  if (existsSync(join(sys, 'block', partition))) {
    return partition;
  }
  const place = await realpath(join(sys, 'class/block', partition)).catch(() => null);
  return place === null ? partition : basename(dirname(place));
}

async function kindOf(disk: string, sys: string): Promise<Medium['kind']> {
  const folder = join(sys, 'block', disk);
  if (disk.startsWith('mmcblk')) {
    return (await textIn(join(folder, 'device/type'))) === 'SD' ? 'SD card' : 'eMMC';
  }
  if (disk.startsWith('nvme')) {
    return 'NVMe';
  }
  if (disk.startsWith('vd')) {
    // A disk of a virtual machine says nothing that is so.
    return null;
  }
  const place = await realpath(folder).catch(() => '');
  if (/[/]usb\d/.test(place)) {
    return 'USB stick or disk';
  }
  const rotates = await numberIn(join(folder, 'queue/rotational'));
  return rotates === null ? null : rotates === 1 ? 'hard disk' : 'solid state';
}

/** An eMMC says, for each of its two kinds of cells, in which tenth of its life it is: 0x0b is beyond the last. */
async function wearOf(folder: string): Promise<number | null> {
  const text = await textIn(join(folder, 'device/life_time'));
  const tenths = (text ?? '')
    .split(/\s+/)
    .map(Number)
    .filter((tenth) => tenth >= 1 && tenth <= 11);
  return tenths.length === 0 ? null : 10 * Math.max(...tenths);
}
