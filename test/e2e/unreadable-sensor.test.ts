import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Daemon, testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';
import { misread } from '../support/uart.js';

/** Holds what a sensor sends again and again, and what the log must say of it. */
interface Unreadable {
  readonly chunk: Uint8Array;
  readonly told: RegExp;
  /** YAML of further options of the sensor. */
  readonly options?: string;
}

/** Acceleration of a WitMotion WT901, 1 g upwards at 25 degrees: the manual's frame of the type 51. */
const witMotion = Buffer.from('5551000000000008c4097b', 'hex');

const unreadable: Readonly<Record<string, Unreadable>> = {
  labels: {
    chunk: Buffer.from('roll:1,pitch:2,yaw:3\n'),
    told: /no sample: "roll:1,pitch:2,yaw:3" came where a line of 3 numbers \(x, y, z\).*have names beside them: name the axes in sensor\.axes/,
  },
  json: {
    chunk: Buffer.from('{"x":0.1,"y":-0.2,"z":9.8}\r\n'),
    told: /\{"x":0\.1,"y":-0\.2,"z":9\.8\}.*JSON: set sensor\.decoder to jsonl/,
  },
  words: {
    chunk: Buffer.from('Failed to find MPU6050 chip\r\n'),
    told: /"Failed to find MPU6050 chip".*words of the sensor itself/,
  },
  binary: {
    chunk: witMotion,
    told: /55 51 00 00 00 00 00 08 c4 09 7b.*(sensor\.baudRate|binary protocol)/,
  },
  baud: {
    chunk: misread(Buffer.from('123,-45,981\r\n-7,1000,64\r\n'), 9600, 115_200, 'keep'),
    told: /no text.*sensor\.baudRate/,
  },
  decimals: {
    chunk: Buffer.from('1,5,2,3,5\r\n-1,25,2,3\r\n'),
    told: /no sample: "-?1,[0-9,]+" came.*commas may separate fields or be decimal commas.*sensor\.decimal: point/,
    options: ', columns: [0, 1, 2]',
  },
  endless: { chunk: Buffer.from('1.5,-2,3;'), told: /no line ends.*println/ },
};

/** A board that each opening of its port resets: it prints two lines, calibrates for 3 s, and then sends rows. */
function plugBoard(t: TestContext): TestPty {
  const pty = new TestPty(t);
  pty.port.plug();
  let openedMs: number | undefined;
  const timer = setInterval(() => {
    if (!pty.port.read) {
      openedMs = undefined;
    } else if (openedMs === undefined) {
      openedMs = performance.now();
      pty.port.write(Buffer.from('MPU6050 Found!\r\nCalibrating, keep still ...\r\n'));
    } else if (performance.now() - openedMs > 3000) {
      pty.port.write(Buffer.from('-12,7,1003\r\n'));
    }
  }, 38);
  t.after(() => clearInterval(timer));
  return pty;
}

test(
  'bytes that never become samples are told of within seconds, once',
  { timeout: 90_000 },
  async (t) => {
    const folder = testFolder(t);
    const sensors = Object.entries(unreadable).map(([name, { chunk, told, options = '' }]) => {
      const pty = new TestPty(t);
      pty.port.plug();
      return { name, chunk, told, options, pty };
    });
    const carriageReturns = new TestPty(t);
    carriageReturns.port.plug();
    const others = [
      { name: 'returns', options: '', pty: carriageReturns },
      { name: 'board', options: '', pty: plugBoard(t) },
    ];
    const streams = [...sensors, ...others].map(
      ({ name, pty, options }) => `  ${name}:
    sensor: { link: ${pty.path}, rateHz: 26${options} }
    model: { file: ${projectFile('examples/running/running.keras')}, mode: continuous }
`,
    );
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      `stateDirectory: ${folder}/state\nmqtt: { url: "mqtt://127.0.0.1:9" }\nstreams:\n${streams.join('')}`,
    );
    const daemon = new Daemon(t, config);
    await daemon.logged(/^running/);
    const began = performance.now();
    const timer = setInterval(() => {
      for (const { pty, chunk } of sensors) {
        pty.port.write(chunk);
      }
      carriageReturns.port.write(Buffer.from('1,2,3\r'));
    }, 38);
    t.after(() => clearInterval(timer));

    const tellsOf = (name: string) =>
      daemon.lines.filter((line) => line['stream'] === name && /but no sample/.test(line.msg));
    while (sensors.some(({ name }) => tellsOf(name).length === 0)) {
      assert.ok(performance.now() - began < 60_000, daemon.text);
      await daemon.nextLine();
    }
    for (const { name, told } of sensors) {
      assert.match(tellsOf(name)[0]?.msg ?? '', told, name);
      assert.equal(tellsOf(name).length, 1, name);
    }
    assert.equal(await daemon.end(), 0);
    const saved = (await daemon.logged(/^stopped/))['saved'] as Record<string, number>;
    assert.ok((saved['returns'] ?? 0) > 50, 'rows that end with CR alone are samples');
    assert.ok((saved['board'] ?? 0) > 10, 'a board is let boot and calibrate');
    const openings = daemon.lines.filter(
      (line) => line['stream'] === 'board' && line.msg.startsWith('reading'),
    );
    assert.equal(openings.length, 1);
    assert.equal(saved['labels'], 0);
    assert.equal(saved['decimals'], 0);
  },
);
