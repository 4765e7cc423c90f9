import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDecoder, decoders } from '#src/sensor/decoders/registry.js';
import { createEncoder, encoders } from '#src/simulator/encoders/registry.js';

const axes = ['x', 'y', 'z'];
/** Whole numbers, which a format of integers holds as well. */
const rows = Array.from({ length: 100 }, (_, n) => [n, -n, (n * n) % 1000]);

describe('the registry of encoders', () => {
  test('has one for each decoder', () => {
    assert.deepEqual(
      encoders.map(({ name }) => name),
      decoders.map(({ name }) => name),
    );
  });

  for (const { name, options } of encoders) {
    test(`writes as ${name} what the decoder reads back`, () => {
      const encoder = createEncoder(name);
      const section = { ...options, decoder: name, axes };
      const decoder = createDecoder(section);
      const read: number[][] = [];
      for (const row of rows) {
        decoder.push(encoder(Float32Array.from(row)), {
          rows: (values, count) => {
            for (let each = 0; each < count; each += 1) {
              read.push([...values.subarray(each * axes.length, (each + 1) * axes.length)]);
            }
          },
          lost: () => assert.fail(decoder.rejection),
        });
      }
      assert.deepEqual(
        read,
        rows.map((row) => row.map((reading) => reading + 0)),
      );
    });
  }
});
