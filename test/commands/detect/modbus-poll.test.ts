import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { pollAt } from '#src/commands/detect/modbus-poll.js';
import { sensorSection } from '#src/detection/sensor-yaml.js';
import { AnsweringPort } from '#src/simulator/answering-port.js';
import { encoderNamed } from '#src/simulator/encoders/registry.js';
import { TestPty } from '../../support/pty.js';

/** A simulated slave on a pseudo-terminal whose readings are made anew for each answer. */
function slaveAt(t: TestContext, format: string, rowOf: (n: number) => readonly number[]): string {
  const pty = new TestPty(t);
  pty.port.plug();
  const encoder = encoderNamed(format);
  const answering = encoder.answering?.();
  assert.ok(answering);
  const encode = encoder.create(3);
  let asked = 0;
  const port = new AnsweringPort(pty.port, {
    answers: (heard) => {
      asked += 1;
      return answering.answers(heard, encode(Float32Array.from(rowOf(asked))));
    },
  });
  port.write(encode(new Float32Array(3)));
  t.after(() => port.close());
  return pty.path;
}

test('finds the slave, its speed, and the registers that change', async (t) => {
  const path = slaveAt(t, 'modbus', (n) => [n % 20, -(n % 7), 2048 + (n % 5)]);
  const { formats } = await pollAt(path, [19_200, 9600]);
  const [found] = formats;
  assert.ok(found);
  assert.deepEqual(sensorSection(found, path, found.baudRate), {
    link: path,
    baudRate: 19_200,
    decoder: 'modbus',
    axes: ['x', 'y', 'z'],
    slave: 0x50,
    registers: { x: { address: 0x34 }, y: { address: 0x35 }, z: { address: 0x36 } },
    rateHz: found.rateHz,
    units: 'g/2048',
  });
  assert.ok((found.rateHz ?? 0) >= 1 && found.confidence >= 0.9);
});

test('finds numbers in two registers, and says registers that stand still', async (t) => {
  const path = slaveAt(t, 'modbus:float', (n) => [Math.sin(n), 0.25, Math.cos(n) + 2]);
  const [found] = (await pollAt(path, [9600])).formats;
  assert.deepEqual(found?.options['registers'], {
    r52: { address: 0x34, type: 'float32' },
    r56: { address: 0x38, type: 'float32' },
  });
  assert.match(found.notes.join('\n'), /has the registers 52 to 57/);
});
