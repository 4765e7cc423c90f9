import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { constants, createReadStream, openSync } from 'node:fs';
import { describe, test } from 'node:test';
import { noFaults, parseFaults } from '#src/simulator/faults/faults.js';
import { FaultyPort } from '#src/simulator/faults/faulty-port.js';
import { Wire } from '#src/simulator/faults/wire.js';
import { Random } from '#src/simulator/motion/random.js';
import { TestPty } from '../../support/pty.js';

const row = Buffer.from('123,-45,981\r\n');

function near(count: number, due: number): void {
  assert.ok(count > 0.8 * due && count < 1.2 * due, `${count} where ${due} are due`);
}

/** A port that keeps what it is given. */
class KeptPort {
  read = true;
  baud = 9600;
  heard = (): Uint8Array => new Uint8Array(0);
  readonly chunks: string[] = [];

  write(chunk: Uint8Array): boolean {
    this.chunks.push(Buffer.from(chunk).toString('latin1'));
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }
}

describe('faults of a simulated sensor', () => {
  test('are read from a list, with their usual values', () => {
    assert.deepEqual(parseFaults('bits=0.01, bunch'), { ...noFaults, bits: 0.01, bunchMs: 16 });
    for (const wrong of ['bit=1', 'bits=2', 'bits=', 'drops=x', 'bits=1=2', '']) {
      assert.throws(() => parseFaults(wrong), { code: 'usage.invalid' }, wrong);
    }
  });

  test('flip bits, lose bytes and add noise at their rates, the same for the same seed', () => {
    const faults = parseFaults('bits=0.01,drops=0.02,garbage=0.1');
    const wires = [1, 1].map((seed) => new Wire(faults, new Random(seed)));
    const [first, second] = wires.map((wire) =>
      Buffer.concat(Array.from({ length: 5000 }, () => wire.carry(row, 0))),
    );
    assert.deepEqual(first, second);
    const { flippedBits = 0, droppedBytes = 0, garbageBytes = 0 } = wires[0]?.counters ?? {};
    near(droppedBytes, 5000 * row.length * 0.02);
    near(flippedBits, 5000 * row.length * 8 * 0.01);
    near(garbageBytes, 500 * 20.5);
  });

  test('leave rows out at their rate', () => {
    const wire = new Wire(parseFaults('silence=0.2'), new Random(1));
    const arrived = Array.from({ length: 5000 }, () => wire.carry(row, 0).length);
    const silent = arrived.filter((length) => length === 0).length;
    near(silent, 1000);
    assert.equal(wire.counters.silentRows, silent);
  });

  test('leave the bytes alone where there are none', () => {
    const wire = new Wire(noFaults, new Random(1), 9600);
    assert.deepEqual(Buffer.from(wire.carry(row, 9600)), row);
    assert.notDeepEqual(Buffer.from(wire.carry(row, 115_200)), row);
  });

  test('reset the board at each opening: silence, a greeting, rows', () => {
    let nowMs = 0;
    const port = new KeptPort();
    const wire = new Wire(noFaults, new Random(1));
    const board = new FaultyPort(port, wire, parseFaults('reset=1000'), () => nowMs);
    for (const opening of [1, 2]) {
      board.write(row);
      nowMs += 999;
      board.write(row);
      assert.equal(port.chunks.length, 0, `opening ${opening}`);
      nowMs += 1;
      board.write(row);
      board.write(row);
      assert.match(port.chunks.join(''), /^\r\nBooting[^0-9]*123,-45,981\r\n123,-45,981\r\n$/);
      port.chunks.length = 0;
      port.read = false;
      board.write(row);
      port.read = true;
    }
  });

  test('hold rows back and send them in bunches', async () => {
    const port = new KeptPort();
    const adapter = new FaultyPort(port, new Wire(noFaults, new Random(1)), parseFaults('bunch'));
    adapter.write(row);
    adapter.write(row);
    assert.deepEqual(port.chunks, []);
    await adapter.drained(new AbortController().signal);
    assert.deepEqual(port.chunks, [row.toString().repeat(2)]);
  });

  test('garble what is read at another rate than it is sent, on a real pseudo-terminal', async (t) => {
    const pty = new TestPty(t);
    pty.port.plug();
    const fd = openSync(pty.path, constants.O_RDWR | constants.O_NOCTTY);
    const set = (baud: number): void => {
      const { status, stderr } = spawnSync('stty', ['-F', pty.path, String(baud), 'raw', '-echo']);
      assert.equal(status, 0, stderr.toString());
    };
    const read = createReadStream('', { fd, autoClose: true });
    t.after(() => read.destroy());
    const chunks: AsyncIterator<Buffer> = read[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const line = new FaultyPort(pty.port, new Wire(noFaults, new Random(1), 9600), noFaults);
    set(9600);
    assert.equal(pty.port.baud, 9600);
    line.write(row);
    assert.deepEqual((await chunks.next()).value, row);
    set(57_600);
    line.write(row);
    const garbled: Buffer = (await chunks.next()).value as Buffer;
    assert.notEqual(garbled.indexOf(row), 0);
    assert.ok(garbled.length > row.length, 'a faster reader sees more bytes');
    pty.port.unplug();
    assert.equal(pty.port.baud, 0);
  });
});
