import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { clockReport, LinuxClock } from '#src/platform/machine-clock.js';
import { testFolder } from '../support/daemon.js';

const id = '0123456789abcdef0123456789abcdef';

test('a boot is known by the kernel, or by the unit where /proc hides it', (t) => {
  const folder = testFolder(t);
  const own = join(folder, 'boot_id');
  const files = { bootId: own, synchronized: join(folder, 'none'), batteryClocks: folder };
  t.after(() => delete process.env['BOOT_ID']);
  delete process.env['BOOT_ID'];
  assert.equal(new LinuxClock(files).bootId, null);
  process.env['BOOT_ID'] = id;
  assert.equal(new LinuxClock(files).bootId, id);
  writeFileSync(own, 'FEDCBA98-7654-3210-fedc-ba9876543210\n');
  assert.equal(new LinuxClock(files).bootId, 'fedcba9876543210fedcba9876543210');
  writeFileSync(own, 'no id\n');
  assert.equal(new LinuxClock(files).bootId, null);
});

test('what sets the clock is told by its names', (t) => {
  const folder = testFolder(t);
  writeFileSync(join(folder, 'rtc0'), '');
  const { batteryClocks } = clockReport({
    bootId: folder,
    synchronized: join(folder, 'none'),
    batteryClocks: folder,
  });
  assert.deepEqual(batteryClocks, ['rtc0']);
});
