import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { loadAddon } from '#src/platform/addon.js';
import { SerialLink, type SerialSystem } from '#src/sensor/links/serial/serial-link.js';
import { openSerialPort } from '#src/sensor/links/serial/serial-port.js';
import { openTtys } from '../../../support/open-ttys.js';
import { TestPty } from '../../../support/pty.js';
import { RecordedLinkSink } from '../../../support/recorded-link-sink.js';

interface Setup {
  readonly pty: TestPty;
  readonly link: SerialLink;
  readonly sink: RecordedLinkSink;
}

interface Options {
  readonly silenceMs?: number;
  readonly firstRowMs?: number;
  readonly system?: SerialSystem;
}

function setUp(t: TestContext, { silenceMs, firstRowMs, system }: Options = {}): Setup {
  const pty = new TestPty(t);
  const options = { path: pty.path, baudRate: 115200, rateHz: 26, silenceMs, firstRowMs };
  const link = new SerialLink(options, system);
  t.after(() => link.stop());
  return { pty, link, sink: new RecordedLinkSink() };
}

/** A port whose reader never notices that the far end is gone, as serialport's own can. */
const blind: SerialSystem = {
  async openPort(options) {
    const port = await openSerialPort(options);
    return {
      fd: port.fd,
      async read(onBytes) {
        await port.read(onBytes);
        await new Promise(() => undefined);
      },
      write: (bytes) => port.write(bytes),
      close: () => port.close(),
    };
  },
  hungUp: (fd) => loadAddon().hungUp(fd),
};

describe('SerialLink', { timeout: 300_000 }, () => {
  test('reads what arrives', async (t) => {
    const { pty, link, sink } = setUp(t);
    pty.port.plug();
    link.start(sink);
    await sink.until(() => sink.count('opened') === 1);
    await pty.port.whenRead();
    const lines = Array.from({ length: 20_000 }, (_, n) => `${n},${-n},${2 * n}`);
    await pty.send(lines);
    const sent = `${lines.join('\n')}\n`;
    await sink.until(() => sink.text.length >= sent.length);
    assert.equal(sink.text, sent);
    assert.deepEqual(sink.events, ['opened', 'bytes']);
    assert.equal(link.counters.bytes, sent.length);
  });

  test('waits for a port that is not there yet, and says so once', async (t) => {
    const { pty, link, sink } = setUp(t);
    link.start(sink);
    await sink.until(() => sink.count('unavailable') === 1);
    assert.match(sink.events[0] ?? '', /No such file/);
    while (link.counters.openErrors < 2) {
      await new Promise(setImmediate);
    }
    pty.port.plug();
    await pty.port.whenRead();
    await pty.send(['1,2,3']);
    await sink.until(() => sink.text === '1,2,3\n');
    assert.equal(sink.count('unavailable'), 1);
  });

  test('notices an unplugged port that is idle, and reads it again when it is back', async (t) => {
    const { pty, link, sink } = setUp(t);
    pty.port.plug();
    link.start(sink);
    await sink.until(() => sink.count('opened') === 1);
    await pty.port.whenRead();
    pty.port.unplug();
    await sink.until(() => sink.count('closed hungUp') === 1);
    pty.port.plug();
    await sink.until(() => sink.count('opened') === 2);
    await pty.port.whenRead();
    await pty.send(['4,5,6']);
    await sink.until(() => sink.text === '4,5,6\n');
    assert.equal(link.counters.hangUps, 1);
    assert.equal(link.counters.silences, 0);
  });

  test('keeps no descriptor over many unplugs, idle and at full rate', async (t) => {
    const { pty, link, sink } = setUp(t);
    const before = openTtys().length;
    pty.port.plug();
    link.start(sink);
    for (let cycle = 1; cycle <= 20; cycle += 1) {
      await sink.until(() => sink.count('opened') === cycle);
      assert.equal(openTtys().length, before + 3, 'the master, the locked port and its reader');
      const seen = sink.text.length;
      const idle = cycle % 2 === 0;
      const flood = (): void => {
        for (let n = 0; n < 200; n += 1) {
          pty.port.write(Buffer.alloc(24, '1,2,3\n'));
        }
        if (!idle && sink.count('closed') < cycle) {
          setImmediate(flood);
        }
      };
      flood();
      await sink.until(() => sink.text.length > seen + (idle ? 0 : 10_000));
      await pty.port.drained();
      pty.port.unplug();
      pty.port.plug();
      await sink.until(() => sink.count('closed hungUp') === cycle);
    }
    await link.stop();
    pty.port.stop();
    assert.equal(openTtys().length, before);
    assert.ok(link.counters.opens >= 20);
    assert.equal(link.counters.hangUps, 20);
  });

  test('holds the lock while it reads, and says who cannot have the port', async (t) => {
    const { pty, link, sink } = setUp(t);
    const other = new RecordedLinkSink();
    const second = new SerialLink({ path: pty.path, baudRate: 115200, rateHz: 26 });
    t.after(() => second.stop());
    pty.port.plug();
    link.start(sink);
    await sink.until(() => sink.count('opened') === 1);
    second.start(other);
    await other.until(() => other.events.length > 0);
    assert.match(other.events[0] ?? '', /Cannot lock port.*another program has it open/);
    await link.stop();
    await other.until(() => other.count('opened') === 1);
  });

  test('says that a device without a line is no serial port', async (t) => {
    const sink = new RecordedLinkSink();
    const link = new SerialLink({ path: '/dev/null', baudRate: 115200, rateHz: 26 });
    t.after(() => link.stop());
    link.start(sink);
    await sink.until(() => sink.events.length > 0);
    assert.match(sink.events[0] ?? '', /\/dev\/null is not a serial port: name the tty/);
  });

  test('stops at any moment of an open without a leak, and the next open succeeds', async (t) => {
    const before = openTtys().length;
    const { pty } = setUp(t);
    pty.port.plug();
    for (let turns = 0; turns < 30; turns += 1) {
      const link = new SerialLink({ path: pty.path, baudRate: 115200, rateHz: 26 });
      const sink = new RecordedLinkSink();
      link.start(sink);
      for (let turn = 0; turn < turns; turn += 1) {
        await new Promise(setImmediate);
      }
      await Promise.all([link.stop(), link.stop()]);
      const events = [...sink.events];
      assert.equal(openTtys().length, before + 1, 'the master');
      await new Promise(setImmediate);
      assert.deepEqual(sink.events, events, 'a stopped link is silent');
      assert.equal(sink.count('unavailable'), 0);
    }
  });

  test('stops while an open hangs, closing the port that it ends in', async (t) => {
    let closes = 0;
    const gate = new EventEmitter();
    const held = once(gate, 'open');
    const { link, sink } = setUp(t, {
      system: {
        async openPort() {
          await held;
          return {
            fd: -1,
            read: () => new Promise(() => undefined),
            write: () => undefined,
            close: async () => void (closes += 1),
          };
        },
        hungUp: () => false,
      },
    });
    link.start(sink);
    const stopped = link.stop();
    gate.emit('open');
    await stopped;
    assert.equal(closes, 1);
    assert.deepEqual(sink.events, []);
  });

  test('stops when the sink asks for it in the middle of an event', async (t) => {
    for (const moment of ['opened', 'bytes', 'closed hungUp', 'unavailable']) {
      const { pty, link, sink } = setUp(t);
      const asked = new Promise<void>((resolve) => {
        sink.heard = (event) => {
          if (event.startsWith(moment)) {
            resolve(link.stop());
          }
          if (event === 'opened' && moment !== 'opened') {
            pty.port.write(Buffer.from('1\n'));
            if (moment !== 'bytes') {
              pty.port.unplug();
            }
          }
        };
      });
      if (moment !== 'unavailable') {
        pty.port.plug();
      }
      link.start(sink);
      await asked;
      assert.ok(sink.events.at(-1)?.startsWith(moment), sink.events.join());
    }
  });

  test('opens a silent port anew, each time after a longer silence', async (t) => {
    const opensMs: { asked: number; given: number }[] = [];
    const { pty, link, sink } = setUp(t, {
      firstRowMs: 40,
      system: {
        async openPort(options) {
          const asked = performance.now();
          const port = await openSerialPort(options);
          opensMs.push({ asked, given: performance.now() });
          return port;
        },
        hungUp: (fd) => loadAddon().hungUp(fd),
      },
    });
    pty.port.plug();
    link.start(sink);
    await sink.until(() => sink.count('opened') === 4);
    const silencesMs = opensMs.slice(1).map(({ asked }, i) => asked - (opensMs[i]?.given ?? 0));
    // Never before its limit, which doubles; how long after is up to the machine.
    assert.deepEqual(
      [40, 80, 160].filter((limitMs, i) => (silencesMs[i] ?? 0) < limitMs),
      [],
      silencesMs.join(),
    );
    assert.equal(link.counters.silences, 3);
    assert.equal(link.counters.hangUps, 0);
  });

  test('waits longer each time for a board that is reset by each opening and prints a banner', async (t) => {
    const { pty, link, sink } = setUp(t, { silenceMs: 20, firstRowMs: 50 });
    sink.isRow = (chunk) => chunk.includes(0x2c);
    const calibrationMs = 300;
    let calibrating: NodeJS.Timeout | undefined;
    sink.heard = (event) => {
      clearTimeout(calibrating);
      if (event === 'opened') {
        pty.port.write(Buffer.from('MPU6050 Found!\ncalibrating\n'));
        calibrating = setTimeout(() => pty.port.write(Buffer.from('1,2,3\n')), calibrationMs);
      } else if (event === 'bytes') {
        calibrating = setTimeout(() => pty.port.write(Buffer.from('1,2,3\n')), calibrationMs);
      }
    };
    t.after(() => clearTimeout(calibrating));
    pty.port.plug();
    link.start(sink);
    await sink.until(() => sink.text.includes('1,2,3') || link.counters.opens > 8);
    // 50, 100 and 200 ms were too short; the fourth opening, or one more on a slow machine, waits long enough.
    assert.ok(link.counters.opens >= 4 && link.counters.opens <= 6, `${link.counters.opens} opens`);
  });

  test('finds by the silence alone a hang-up that its reader missed', async (t) => {
    const { pty, link, sink } = setUp(t, { silenceMs: 50, system: blind });
    pty.port.plug();
    link.start(sink);
    await sink.until(() => sink.count('opened') === 1);
    await pty.port.whenRead();
    await pty.send(['1,2,3']);
    await sink.until(() => sink.text === '1,2,3\n');
    pty.port.unplug();
    await sink.until(() => sink.count('closed hungUp') === 1);
    pty.port.plug();
    await sink.until(() => sink.count('opened') === 2);
    await pty.port.whenRead();
    await pty.send(['4,5,6']);
    await sink.until(() => sink.text === '1,2,3\n4,5,6\n');
  });

  test('takes a stall of its own process for no silence', async (t) => {
    const { pty, link, sink } = setUp(t, { silenceMs: 500 });
    pty.port.plug();
    link.start(sink);
    // Opening a tty discards what came before it was done.
    await sink.until(() => sink.count('opened') === 1);
    await pty.port.whenRead();
    pty.port.write(Buffer.from('1\n'));
    await sink.until(() => sink.text === '1\n');
    const stalledMs = performance.now() + 1000;
    pty.port.write(Buffer.from('2\n'));
    while (performance.now() < stalledMs) {}
    await sink.until(() => sink.text === '1\n2\n');
    assert.equal(link.counters.silences, 0);
    assert.equal(sink.count('closed'), 0);
  });

  test('does not spin on a port that opens and hangs up at once', async (t) => {
    let opens = 0;
    const { link, sink } = setUp(t, {
      system: {
        async openPort() {
          opens += 1;
          return {
            fd: -1,
            read: async () => undefined,
            write: () => undefined,
            close: async () => undefined,
          };
        },
        hungUp: () => true,
      },
    });
    t.mock.timers.enable({ apis: ['setTimeout'] });
    link.start(sink);
    for (const [n, retryMs] of [250, 500].entries()) {
      await sink.until(() => sink.count('closed hungUp') === n + 1);
      await new Promise(setImmediate);
      t.mock.timers.tick(retryMs - 1);
      await new Promise(setImmediate);
      assert.equal(opens, n + 1, `not before ${retryMs} ms`);
      t.mock.timers.tick(1);
    }
    await sink.until(() => sink.count('closed hungUp') === 3);
    assert.equal(opens, 3);
  });
});
