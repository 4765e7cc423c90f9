import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, test } from 'node:test';
import { TestPty } from '../support/pty.js';

/** The bytes that have arrived, if any. */
function readSome(fd: number): string {
  const bytes = Buffer.alloc(4096);
  try {
    return bytes.toString('latin1', 0, readSync(fd, bytes));
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error && error.code === 'EAGAIN');
    return '';
  }
}

describe('PtyPort', { timeout: 300_000 }, () => {
  test('loses what is sent while nobody reads, as a UART does', (t) => {
    const { port, path } = new TestPty(t);
    assert.ok(port.write(Buffer.from('lost\n')), 'unplugged');
    port.plug();
    assert.ok(port.write(Buffer.from('lost\n')), 'never opened');
    const reader = openSync(path, 'r');
    assert.ok(port.write(Buffer.from('heard\n')));
    assert.equal(readSome(reader), 'heard\n');
    closeSync(reader);
    assert.ok(port.write(Buffer.from('lost\n')), 'closed again');
    assert.deepEqual(port.counters, { sent: 1, dropped: 3 });
  });

  test('holds a bounded queue for a slow reader: drops the oldest whole lines and counts them', async (t) => {
    const { port, path } = new TestPty(t);
    port.plug();
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const lines = 40_000;
    for (let n = 0; n < lines; n += 1) {
      port.write(Buffer.from(`${n}\n`));
    }
    assert.ok(port.counters.dropped > 0);

    let text = '';
    while (!text.endsWith(`${lines - 1}\n`)) {
      text += readSome(reader);
      await new Promise(setImmediate);
    }
    closeSync(reader);
    const heard = text.trimEnd().split('\n').map(Number);
    assert.equal(heard.length + port.counters.dropped, lines);
    assert.equal(port.counters.sent, heard.length);
    for (let n = 1; n < heard.length; n += 1) {
      assert.ok((heard[n] ?? Number.NaN) > (heard[n - 1] ?? Number.NaN));
    }
  });

  test('is drained when the reader has taken all, or has gone', async (t) => {
    const { port, path } = new TestPty(t);
    port.plug();
    const reader = openSync(path, 'r');
    while (port.write(Buffer.alloc(1000, 'x'))) {}
    const drained = port.drained();
    closeSync(reader);
    await drained;
    const aborted = AbortSignal.abort();
    await port.drained(aborted);
  });

  test('takes over the link that a killed simulator left, and never a file', (t) => {
    const left = new TestPty(t);
    symlinkSync('/dev/pts/gone', left.path);
    left.port.plug();
    assert.ok(lstatSync(left.path).isSymbolicLink());
    left.port.unplug();
    assert.equal(lstatSync(left.path, { throwIfNoEntry: false }), undefined);

    const taken = new TestPty(t);
    writeFileSync(taken.path, 'mine');
    assert.throws(() => taken.port.plug(), { code: 'sensor.link' });
    assert.equal(taken.port.plugged, false);
  });

  test('waits for a reader, and gives up when told to', async (t) => {
    const { port } = new TestPty(t);
    await assert.rejects(port.whenRead(AbortSignal.timeout(20)), { name: 'AbortError' });
  });
});
