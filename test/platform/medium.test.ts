import assert from 'node:assert/strict';
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { mediumOf, type Medium } from '#src/platform/medium.js';
import { testFolder } from '../support/daemon.js';

/** A machine whose only disk has the folder of the test on its second partition. */
async function mediumWith(
  t: TestContext,
  options: {
    readonly disk: string;
    readonly partition: string;
    readonly place?: string;
    readonly files?: Readonly<Record<string, string>>;
    readonly fileSystem?: string;
  },
): Promise<Medium> {
  const {
    disk,
    partition,
    place = 'devices/platform/host',
    files = {},
    fileSystem = 'ext4',
  } = options;
  const folder = testFolder(t);
  const sys = join(folder, 'sys');
  const ofDisk = join(sys, place, disk);
  for (const path of [
    join(ofDisk, partition, 'slaves'),
    ...['dev/block', 'block', 'class/block'].map((name) => join(sys, name)),
  ]) {
    mkdirSync(path, { recursive: true });
  }
  symlinkSync(join(ofDisk, partition), join(sys, 'dev/block/179:2'));
  symlinkSync(ofDisk, join(sys, 'block', disk));
  symlinkSync(ofDisk, join(sys, 'class/block', disk));
  symlinkSync(join(ofDisk, partition), join(sys, 'class/block', partition));
  for (const [name, text] of Object.entries(files)) {
    const file = name.startsWith('fs/') ? join(sys, name) : join(ofDisk, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const mounts = join(folder, 'mountinfo');
  const lines = [
    '22 1 0:5 / /proc rw - proc proc rw',
    '23 1 179:1 / / rw - vfat /dev/root rw',
    `24 23 179:2 / ${folder.replaceAll(' ', String.raw`\040`)} rw,noatime shared:1 - ${fileSystem} /dev/x rw`,
  ];
  writeFileSync(mounts, `${lines.join('\n')}\n`);
  return mediumOf(join(folder, 'not/there/yet'), { mounts, sys });
}

test('an eMMC tells how much of its life is used up, and ext4 what was written', async (t) => {
  const found = await mediumWith(t, {
    disk: 'mmcblk0',
    partition: 'mmcblk0p2',
    files: {
      'device/type': 'MMC\n',
      'device/life_time': '0x02 0x09\n',
      'fs/ext4/mmcblk0p2/lifetime_write_kbytes': '2048\n',
      'fs/ext4/mmcblk0p2/errors_count': '3\n',
    },
  });
  const { freeBytes, ...others } = found;
  assert.ok(freeBytes > 0);
  assert.deepEqual(others, {
    fileSystem: 'ext4',
    disk: 'mmcblk0',
    kind: 'eMMC',
    wornPercent: 90,
    writtenBytes: 2 * 1024 * 1024,
    errors: 3,
  });
});

test('an SD card is told from an eMMC, and tells nothing', async (t) => {
  const { kind, wornPercent, errors } = await mediumWith(t, {
    disk: 'mmcblk1',
    partition: 'mmcblk1p2',
    files: { 'device/type': 'SD\n', 'device/life_time': '0x00 0x00\n' },
  });
  assert.deepEqual([kind, wornPercent, errors], ['SD card', null, null]);
});

test('disks are known by where they are and whether they turn', async (t) => {
  const usb = await mediumWith(t, { disk: 'sda', partition: 'sda2', place: 'devices/usb1/1-1' });
  const turning = await mediumWith(t, {
    disk: 'sdb',
    partition: 'sdb1',
    files: { 'queue/rotational': '1\n' },
  });
  const nvme = await mediumWith(t, { disk: 'nvme0n1', partition: 'nvme0n1p1' });
  const virtual = await mediumWith(t, {
    disk: 'vda',
    partition: 'vda1',
    files: { 'queue/rotational': '1\n' },
  });
  assert.deepEqual(
    [usb, turning, nvme, virtual].map(({ kind }) => kind),
    ['USB stick or disk', 'hard disk', 'NVMe', null],
  );
});

test('a file system without a disk has its kind alone', async (t) => {
  const folder = testFolder(t);
  const mounts = join(folder, 'mountinfo');
  writeFileSync(mounts, `1 0 0:77 / / rw - tmpfs tmpfs rw\n`);
  const { fileSystem, disk, kind } = await mediumOf(folder, { mounts, sys: join(folder, 'sys') });
  assert.deepEqual([fileSystem, disk, kind], ['tmpfs', null, null]);
});

test('where nothing is told of mounts the number of the device is the folder’s own', async (t) => {
  const folder = testFolder(t);
  const { dev } = statSync(folder);
  const number = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  const sys = join(folder, 'sys');
  mkdirSync(join(sys, 'dev/block'), { recursive: true });
  mkdirSync(join(sys, 'block/own'), { recursive: true });
  symlinkSync(join(sys, 'block/own'), join(sys, 'dev/block', number));
  const { fileSystem, disk } = await mediumOf(folder, { mounts: join(folder, 'none'), sys });
  assert.deepEqual([fileSystem, disk], [null, 'own']);
});
