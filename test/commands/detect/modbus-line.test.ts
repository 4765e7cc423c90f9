import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModbusLine } from '#src/commands/detect/modbus-line.js';
import type { OpenPort } from '#src/sensor/links/serial/serial-port.js';
import { bytesOf } from '../../sensor/decoders/frame-cases.js';

/** A port on which a request is answered with these bytes. */
function portThatAnswers(hex: string): OpenPort & { readonly written: string[] } {
  const written: string[] = [];
  const takers: ((chunk: Uint8Array, arrivalMs: number) => void)[] = [];
  return {
    fd: -1,
    written,
    read: (take) => {
      takers.push(take);
      return new Promise(() => {});
    },
    write: (bytes) => {
      written.push(Buffer.from(bytes).toString('hex'));
      for (const take of takers) {
        take(bytesOf(hex), 0);
      }
    },
    setBaudRate: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** The answer to a request for the three registers of acceleration of a WT901C485. */
async function answerTo(hex: string): Promise<unknown> {
  const port = portThatAnswers(hex);
  const request = { slave: 0x50, function: 3, start: 0x34, count: 3 } as const;
  const answer = await new ModbusLine(port, 115_200).ask(request, 5);
  assert.deepEqual(port.written, ['5003003400034984']);
  return answer;
}

test('takes the answer behind noise and the echo of the request', async () => {
  const answer = '50 03 06 00 00 00 00 08 00 d7 26';
  assert.deepEqual(await answerTo(answer), { registers: [0, 0, 2048] });
  assert.deepEqual(await answerTo(`00 50 50 03 00 34 00 03 49 84 ${answer}`), {
    registers: [0, 0, 2048],
  });
  assert.deepEqual(await answerTo('50 83 02 91 20'), { registers: [], exception: 2 });
});

test('takes nothing that is damaged, cut off, of another slave or another length', async () => {
  for (const other of [
    '50 03 06 00 00 00 00 08 01 d7 26',
    '50 03 06 00 00 00 00 08 00 d7',
    '51 03 06 00 00 00 00 08 00 d7 26',
    '50 03 02 08 00 42 48',
    '50 83 02 91 21',
  ]) {
    assert.equal(await answerTo(other), undefined, other);
  }
});
