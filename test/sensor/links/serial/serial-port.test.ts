import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import { describe, test } from 'node:test';
import { openSerialPort } from '#src/sensor/links/serial/serial-port.js';
import { TestPty } from '../../../support/pty.js';

describe('openSerialPort', { timeout: 300_000 }, () => {
  test('reads the port that it locked, though its name has passed to another', async (t) => {
    const locked = new TestPty(t);
    const other = new TestPty(t);
    locked.port.plug();
    other.port.plug();
    const port = await openSerialPort({ path: locked.path, baudRate: 115200 });
    rmSync(locked.path);
    symlinkSync(other.path, locked.path);
    const heard = new Promise<string>((resolve) => {
      void port.read((chunk) => resolve(Buffer.from(chunk).toString()));
    });
    other.port.write(Buffer.from('other\n'));
    locked.port.write(Buffer.from('locked\n'));
    assert.equal(await heard, 'locked\n');
    await port.close();
    // The link of the test's own making is not the port's to remove.
    locked.port.stop();
    rmSync(locked.path, { force: true });
  });

  test('takes any baud rate that the system can set, and says which port it cannot open', async (t) => {
    const pty = new TestPty(t);
    pty.port.plug();
    for (const baudRate of [9600, 921600, 250000]) {
      const port = await openSerialPort({ path: pty.path, baudRate });
      await port.close();
    }
    pty.port.unplug();
    await assert.rejects(openSerialPort({ path: pty.path, baudRate: 9600 }), {
      message: new RegExp(`cannot open ${pty.path}`),
    });
  });
});
