import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDecoder } from '#src/sensor/decoders/registry.js';
import { encoderNamed } from '#src/simulator/encoders/registry.js';

/** The rows that a decoder reads from whole messages after the link was opened, and what it lost. */
function read(decoder: string, messages: readonly Uint8Array[], axes = ['x', 'y']) {
  const reader = createDecoder({ decoder, axes });
  const rows: number[][] = [];
  let lost = 0;
  const sink = {
    rows: (values: Float32Array, count: number) => {
      for (let row = 0; row < count; row += 1) {
        rows.push([...values.subarray(axes.length * row, axes.length * (row + 1))]);
      }
    },
    lost: (count: number) => {
      lost += count;
    },
  };
  reader.reset();
  for (const message of messages) {
    reader.boundary?.(sink);
    reader.push(message, sink);
    reader.boundary?.(sink);
  }
  return { rows, lost };
}

describe('a message that is whole', () => {
  test('is read to its end, with a line end or without', () => {
    for (const [decoder, texts] of [
      ['csv', ['1,2', '3,4\r\n5,6\r', '\n7,8\n']],
      ['jsonl', ['[1,2]', '[3,4]\r\n[5,6]\r', '\n[7,8]\n']],
    ] as const) {
      assert.deepEqual(
        read(
          decoder,
          texts.map((text) => Buffer.from(text)),
        ),
        {
          rows: [
            [1, 2],
            [3, 4],
            [5, 6],
            [7, 8],
          ],
          lost: 0,
        },
      );
    }
  });

  test('never joins the next one', () => {
    const { rows, lost } = read('csv', [Buffer.from('1,2\n3'), Buffer.from(',4\n5,6')]);
    assert.deepEqual(rows, [
      [1, 2],
      [5, 6],
    ]);
    assert.equal(lost, 2);
  });

  test('may lack the zero behind a frame, and not the end of a frame', () => {
    const encode = encoderNamed('cobs').create(2);
    const frames = [1, 2, 3, 4].map((n) => Buffer.from(encode(Float32Array.of(n, 0.5))));
    const [first, second, third, fourth] = frames;
    assert.ok(first && second && third && fourth);
    const { rows, lost } = read('cobs', [
      first.subarray(0, -1),
      Buffer.concat([second, third.subarray(0, 6)]),
      third.subarray(6),
      fourth,
    ]);
    assert.deepEqual(rows, [
      [1, 0.5],
      [2, 0.5],
      [4, 0.5],
    ]);
    assert.ok(lost > 0);
  });

  test('ends every frame', () => {
    const encode = encoderNamed('xsens').create(3);
    const frames = [1, 2, 3].map((n) => Buffer.from(encode(Float32Array.of(n, 0.5, 0))));
    const [first, second, third] = frames;
    assert.ok(first && second && third);
    const messages = [first, second.subarray(0, 6), second.subarray(6), third];
    const { rows, lost } = read('xsens', messages, ['x', 'y', 'z']);
    assert.deepEqual(
      rows.map(([x]) => x),
      [1, 3],
    );
    assert.ok(lost > 0);
  });
});
