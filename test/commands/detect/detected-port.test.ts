import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openToListen } from '#src/commands/detect/detected-port.js';
import { TestPty } from '../../support/pty.js';

test('what is no serial port is told as what it is, and not opened', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-ports-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('file'), '1,2,3\n');
  symlinkSync(at('loop'), at('loop'));
  const cases: readonly [path: string, told: RegExp][] = [
    ['/dev/null', /\/dev\/null is no serial port, but a device of another kind \(mem\)/],
    ['/dev/urandom', /is no serial port, but a device of another kind \(mem\)/],
    [folder, /is no serial port, but a folder; lstmd ports/],
    [at('file'), /is no serial port, but a file/],
    [at('loop'), /is no serial port: it is a link that leads to itself/],
    [at('missing'), /there is no .*missing: plug the sensor in/],
  ];
  for (const [path, told] of cases) {
    await assert.rejects(openToListen(path, 9600), { code: 'sensor.link', message: told });
  }
});

test('a port that is held for a moment alone is opened', async (t) => {
  const pty = new TestPty(t);
  pty.port.plug();
  const fd = openSync(pty.path, constants.O_RDWR | constants.O_NOCTTY);
  setTimeout(() => closeSync(fd), 50);
  const port = await openToListen(pty.path, 9600);
  await port.close();
});
