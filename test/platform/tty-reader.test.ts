import assert from 'node:assert/strict';
import { constants, openSync, readdirSync, realpathSync } from 'node:fs';
import { describe, test } from 'node:test';
import { TtyReader } from '#src/platform/tty-reader.js';
import { TestPty } from '../support/pty.js';

describe('TtyReader', () => {
  test('closes what it was given when that has hung up already', (t) => {
    const pty = new TestPty(t);
    const before = readdirSync('/proc/self/fd').length;
    pty.port.plug();
    const fd = openSync(realpathSync(pty.path), constants.O_RDONLY | constants.O_NOCTTY);
    pty.port.unplug();
    assert.throws(() => new TtyReader(fd, () => undefined));
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  test('closes what it was given and what libuv opened', async (t) => {
    const pty = new TestPty(t);
    const before = readdirSync('/proc/self/fd').length;
    pty.port.plug();
    const fd = openSync(pty.path, constants.O_RDONLY | constants.O_NOCTTY);
    const reader = new TtyReader(fd, () => undefined);
    assert.equal(readdirSync('/proc/self/fd').length, before + 2, 'the master and the reader');
    await reader.close();
    await reader.close();
    assert.equal(readdirSync('/proc/self/fd').length, before + 1);
  });
});
