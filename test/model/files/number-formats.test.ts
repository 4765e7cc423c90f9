import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeNumbers } from '#src/model/files/number-formats.js';

function words16(...words: number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(words).buffer);
}

test('float16, as IEEE 754 has it', () => {
  const bytes = words16(
    0x3c00,
    0xc000,
    0x3555,
    0x7bff,
    0x0400,
    0x03ff,
    0x0001,
    0x8000,
    0x7c00,
    0xfc00,
  );
  const expected = [
    1,
    -2,
    0.333251953125,
    65504,
    2 ** -14,
    1023 * 2 ** -24,
    2 ** -24,
    -0,
    Infinity,
    -Infinity,
  ];
  assert.deepEqual(decodeNumbers(bytes, 'float16'), Float32Array.from(expected));
  assert.ok(Number.isNaN(decodeNumbers(words16(0x7e00), 'float16')?.[0]));
});

test('bfloat16 is the upper half of a float32', () => {
  const expected = Float32Array.of(1, -2, 0.33203125);
  assert.deepEqual(decodeNumbers(words16(0x3f80, 0xc000, 0x3eaa), 'bfloat16'), expected);
});

test('float64 is rounded to float32, integers are taken as they are', () => {
  const doubles = new Uint8Array(Float64Array.of(0.1, -1e-3).buffer);
  assert.deepEqual(decodeNumbers(doubles, 'float64'), Float32Array.of(0.1, -1e-3));
  const longs = new Uint8Array(BigInt64Array.of(-5n, 7n).buffer);
  assert.deepEqual(decodeNumbers(longs, 'int64'), Float32Array.of(-5, 7));
  assert.equal(decodeNumbers(doubles, 'float128'), undefined);
});
