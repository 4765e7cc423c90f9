import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readdirSync, realpathSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterReads } from '#src/base/read-turn.js';
import { loadAddon } from '#src/platform/addon.js';
import { TtyReader } from '#src/platform/tty-reader.js';
import { TestPty } from '../support/pty.js';

const flags = constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK;

/** A tty that is read. */
class ReadTty {
  readonly pty: TestPty;
  readonly reader: TtyReader;
  text = '';
  /** Called after each read. */
  heard: () => void = () => undefined;

  constructor(t: TestContext) {
    this.pty = new TestPty(t);
    this.pty.port.plug();
    const fd = openSync(this.pty.path, flags);
    this.reader = new TtyReader(fd, (chunk) => {
      this.text += Buffer.from(chunk).toString();
      this.heard();
    });
    closeSync(fd);
    t.after(() => this.reader.close());
  }

  send(text: string): void {
    this.pty.port.write(Buffer.from(text));
  }

  /** Resolves when all of that was read. */
  async when(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.heard = () => {
        if (this.text === text) {
          resolve();
        }
      };
      this.heard();
    });
  }
}

describe('TtyReader', () => {
  test('ends when the far end hangs up, after what came before', async (t) => {
    const tty = new ReadTty(t);
    tty.send('last words');
    await tty.when('last words');
    tty.pty.port.unplug();
    await tty.reader.closed;
  });

  test('ends at once where the far end has hung up already', async (t) => {
    const pty = new TestPty(t);
    pty.port.plug();
    const fd = openSync(realpathSync(pty.path), flags);
    pty.port.unplug();
    const reader = new TtyReader(fd, () => assert.fail('nothing was sent'));
    await reader.closed;
    closeSync(fd);
  });

  test('ends its reads before the turn of the event loop ends', async (t) => {
    const tty = new ReadTty(t);
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      tty.heard = () => {
        setImmediate(() => {
          order.push('turn');
          resolve();
        });
        afterReads(() => order.push('reads'));
        order.push('read');
      };
      tty.send('row');
    });
    assert.deepEqual(order, ['read', 'reads', 'turn']);
  });

  test('rests where each of many ttys gives a little soon after another', async (t) => {
    const turns = 640;
    const ttys = Array.from({ length: 64 }, () => new ReadTty(t));
    const beganMs = performance.now();
    await new Promise<void>((resolve) => {
      let n = 0;
      for (const tty of ttys) {
        tty.heard = () => {
          n += 1;
          if (n === turns) {
            resolve();
          } else {
            ttys[n % ttys.length]?.send('x');
          }
        };
      }
      ttys[0]?.send('x');
    });
    // Of each three runs of 32 turns one takes 8 ms or more: it is slow, or follows a quick one and rests after each turn.
    assert.ok(performance.now() - beganMs >= 100);
  });

  test('sleeps before it polls again for as long as it is told', async (t) => {
    const pty = new TestPty(t);
    pty.port.plug();
    const fd = openSync(pty.path, flags);
    const told = [...Array.from({ length: 20 }, () => 1), Number.NaN, -1, 1e9, 0];
    const beganMs = performance.now();
    await new Promise<void>((resolve) => {
      const poll = new (loadAddon().TtyPoll)(() => {
        const restMs = told.shift() ?? 0;
        if (told.length > 0) {
          pty.port.write(Buffer.from('x'));
        } else {
          poll.remove(0);
          resolve();
        }
        return restMs;
      }, new Float64Array(6));
      poll.add(0, fd, new Uint8Array(16));
      pty.port.write(Buffer.from('x'));
    });
    closeSync(fd);
    // A busy machine makes it more.
    assert.ok(performance.now() - beganMs >= 20);
  });

  test('refuses a descriptor that is none', () => {
    assert.throws(() => new TtyReader(-1, () => undefined), { code: 'EBADF' });
  });

  test('closes its own descriptor and leaves that of the caller', async (t) => {
    const pty = new TestPty(t);
    pty.port.plug();
    const fd = openSync(pty.path, flags);
    const before = readdirSync('/proc/self/fd').length;
    const reader = new TtyReader(fd, () => undefined);
    assert.equal(readdirSync('/proc/self/fd').length, before + 1);
    reader.close();
    reader.close();
    await reader.closed;
    assert.equal(readdirSync('/proc/self/fd').length, before);
    closeSync(fd);
  });

  test('reads no further while it is paused, and loses nothing', async (t) => {
    const [held, other] = [new ReadTty(t), new ReadTty(t)];
    held.reader.pause();
    held.send('while it was held');
    other.send('1');
    await other.when('1');
    other.send('2');
    await other.when('12');
    assert.equal(held.text, '');
    held.reader.resume();
    await held.when('while it was held');
  });

  test('reads each of many ttys that always have bytes', async (t) => {
    const ttys = Array.from({ length: 150 }, () => new ReadTty(t));
    const read = ttys.map(
      (tty) =>
        new Promise<void>((resolve) => {
          tty.heard = () => {
            if (tty.text.length >= 5) {
              resolve();
            }
            tty.send('x');
          };
          tty.send('x');
        }),
    );
    await Promise.all(read);
  });

  test('each of many ttys that hang up at once ends', async (t) => {
    const ttys = Array.from({ length: 200 }, () => new ReadTty(t));
    for (const { pty } of ttys) {
      pty.port.unplug();
    }
    await Promise.all(ttys.map(({ reader }) => reader.closed));
  });

  test('bytes that are there come before an immediate', async (t) => {
    const tty = new ReadTty(t);
    // From here on a timer calls: between the timers and the immediates of a turn the event loop polls.
    await new Promise<void>((resolve) => setTimeout(resolve, 1));
    tty.send('before');
    await turn();
    assert.equal(tty.text, 'before');
  });

  test('the time of a read is before the work that others do with theirs', async (t) => {
    let busySinceMs = Infinity;
    const ptys = [new TestPty(t), new TestPty(t)];
    const heard = ptys.map((pty) => {
      pty.port.plug();
      const fd = openSync(pty.path, flags);
      return new Promise<void>((resolve) => {
        const reader = new TtyReader(fd, (_chunk, arrivalMs) => {
          const nowMs = performance.now();
          assert.ok(arrivalMs <= Math.min(nowMs, busySinceMs));
          busySinceMs = nowMs;
          while (performance.now() - nowMs < 5) {
            // It is at work.
          }
          resolve();
        });
        t.after(() => {
          reader.close();
          closeSync(fd);
        });
      });
    });
    for (const { port } of ptys) {
      port.write(Buffer.from('x'));
    }
    await Promise.all(heard);
  });

  test('what one throws takes nothing from the others', () => {
    const script = `
      import { constants, openSync, writeSync } from 'node:fs';
      import { loadAddon } from ${JSON.stringify(import.meta.resolve('#src/platform/addon.js'))};
      import { TtyReader } from ${JSON.stringify(import.meta.resolve('#src/platform/tty-reader.js'))};
      let heard = 0;
      process.on('uncaughtException', ({ message }) => console.log(message));
      const ptys = [1, 2, 3].map(() => loadAddon().openPty());
      const flags = constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK;
      for (const { path } of ptys) {
        const reader = new TtyReader(openSync(path, flags), () => {
          reader.close();
          heard += 1;
          if (heard === 3) console.log('all heard');
          if (heard === 1) throw new Error('thrown');
        });
      }
      for (const { fd } of ptys) writeSync(fd, 'x');
    `;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { encoding: 'utf8', timeout: 20_000 },
    );
    assert.equal(stderr, '');
    assert.deepEqual(stdout.trim().split('\n').sort(), ['all heard', 'thrown']);
  });

  test('what was read with others is given to a paused reader, and not to a closed one or its successor', async (t) => {
    const ttys = [new ReadTty(t), new ReadTty(t), new ReadTty(t)];
    const successor = await new Promise<ReadTty>((resolve) => {
      let isFirst = true;
      for (const [n, tty] of ttys.entries()) {
        tty.heard = () => {
          if (isFirst) {
            isFirst = false;
            const others = ttys.filter((_, other) => other !== n);
            assert.deepEqual(
              others.map(({ text }) => text),
              ['', ''],
            );
            others[0]?.reader.pause();
            others[1]?.reader.close();
            resolve(new ReadTty(t));
          }
        };
      }
      // All of it waits in the system until the loop polls, which it does not while this runs.
      for (const tty of ttys) {
        tty.send('all at once');
      }
    });
    await turn();
    assert.deepEqual(ttys.map(({ text }) => text).sort(), ['', 'all at once', 'all at once']);
    successor.send('its own');
    await successor.when('its own');
  });

  for (const sink of [
    'parentPort.postMessage("read")',
    'parentPort.postMessage("read"); for (;;) { reader.pause(); reader.resume(); }',
  ]) {
    test(`ends with the thread that reads: ${sink}`, async (t) => {
      const pty = new TestPty(t);
      pty.port.plug();
      const before = readdirSync('/proc/self/fd').length;
      const worker = new Worker(
        `const { parentPort, workerData } = require('node:worker_threads');
         const { openSync } = require('node:fs');
         import(workerData.reader).then(({ TtyReader }) => {
           const reader = new TtyReader(openSync(workerData.path, workerData.flags), () => { ${sink} });
           parentPort.postMessage('reads');
         });`,
        {
          eval: true,
          workerData: {
            path: pty.path,
            flags,
            reader: import.meta.resolve('#src/platform/tty-reader.js'),
          },
        },
      );
      await once(worker, 'message');
      pty.port.write(Buffer.from('x'));
      await once(worker, 'message');
      await worker.terminate();
      assert.equal(pty.port.read, false);
      assert.ok(
        readdirSync('/proc/self/fd').length <= before + 1,
        'what the thread itself had opened is one',
      );
    });
  }
});
