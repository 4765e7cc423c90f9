import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { floatText } from '#src/base/float-text.js';
import { seededRandom } from '../support/random.js';

function readBack(value: number): string {
  const text = floatText(value);
  const parsed: unknown = JSON.parse(text);
  assert.ok(
    typeof parsed === 'number' && Object.is(Math.fround(parsed), value),
    `${value}: ${text}`,
  );
  return text;
}

describe('float text', () => {
  test('is as short as a person would write it', () => {
    const cases: [number, string][] = [
      [0, '0'],
      [-0, '-0'],
      [1, '1'],
      [0.5, '0.5'],
      [0.93, '0.93'],
      [-0.1, '-0.1'],
      [123.456, '123.456'],
      [1e-7, '1e-7'],
      [3.4e38, '3.4e+38'],
      [16_777_216, '16777216'],
    ];
    for (const [value, text] of cases) {
      assert.equal(readBack(Math.fround(value)), text);
    }
  });

  test('reads back as the identical bits, for floats of every kind', () => {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    const random = seededRandom(1);
    for (let n = 0; n < 200_000; n += 1) {
      bits[0] = random() * 2 ** 32;
      const value = float[0] ?? 0;
      if (Number.isFinite(value)) {
        readBack(value);
      }
    }
    for (const edge of [0x00000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0x3f7fffff, 0x38d1b717]) {
      bits[0] = edge;
      readBack(float[0] ?? 0);
    }
  });

  test('gives a probability in nine digits at most, and no more decimals than it needs', () => {
    const random = seededRandom(2);
    for (let n = 0; n < 100_000; n += 1) {
      const value = Math.fround(random());
      const text = readBack(value);
      assert.equal(text, String(Number(text)));
      const decimals = text.split('.')[1]?.length ?? 0;
      if (value < 0.1 || decimals === 0) {
        continue;
      }
      assert.ok(decimals <= 9, text);
      const shorter = Number(value.toFixed(decimals - 1));
      assert.notEqual(Math.fround(shorter), value, `${text} could be ${shorter}`);
    }
  });

  test('has the zeros that stand before its first digit', () => {
    const random = seededRandom(3);
    for (let n = 0; n < 20_000; n += 1) {
      const text = readBack(Math.fround(random() * 10 ** -(n % 5)));
      assert.equal(text, String(Number(text)));
    }
  });
});
