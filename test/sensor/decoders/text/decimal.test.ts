import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDecimal } from '#src/sensor/decoders/text/decimal.js';

function parse(text: string, decimalComma = false): number {
  const bytes = Buffer.from(`7${text}7`);
  return parseDecimal(bytes, 1, bytes.length - 1, decimalComma);
}

describe('parseDecimal', () => {
  const edges = [
    '0', '-0', '+0', '.0', '5.', '-.5e-3', '9007199254740991', '9007199254740992',
    '9007199254740993', '90071992547409929', '0.1', '0.3', '1e22', '1e23', '1e-22', '1e-23',
    '123456789012345678901234567890', '0.000000000000000000000000000000000001', '4.9e-324',
    '1.7976931348623157e308', '1e999', '-1e999', '1e-999', '0e999', '16777217', '1e99999999999',
    '0.500000029802322387695312500000000000001', '3.4028235677973366e38', '00012.50',
  ]; // oxfmt-ignore
  for (const text of edges) {
    test(`reads ${text} as Number does`, () => {
      assert.ok(Object.is(parse(text), Number(text)), `${parse(text)} is not ${Number(text)}`);
    });
  }

  test('reads any decimal string as Number does, to the bit', () => {
    let state = 20240611;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const digits = (most: number): string =>
      Array.from({ length: below(most + 1) }, () => below(10)).join('');
    for (let n = 0; n < 200_000; n += 1) {
      const whole = digits(below(4) === 0 ? 22 : 6);
      const fraction = below(3) === 0 ? '' : `.${digits(below(4) === 0 ? 25 : 6)}`;
      const exponent = below(3) === 0 ? `e${['', '+', '-'][below(3)]}${1 + below(330)}` : '';
      const text = `${['', '-', '+'][below(3)]}${whole}${fraction}${exponent}`;
      if (!/[0-9]/.test(whole + fraction)) {
        continue;
      }
      assert.ok(Object.is(parse(text), Number(text)), text);
    }
  });

  test('reads nothing else', () => {
    const others = ['', '-', '+', '.', '-.', 'e5', '1e', '1e+', '1e5.', '0x1F', '1_0', '1 ', ' 1'];
    others.push('--1', '+-1', '1-', '1.2.3', 'nan', 'inf', 'Infinity', '1,5', '1n', '١');
    for (const text of others) {
      assert.ok(Number.isNaN(parse(text)), text);
    }
  });

  test('reads a decimal comma only where told to, and only between digits', () => {
    assert.equal(parse('-1,5e1', true), -15);
    assert.equal(parse('1234567890123456789,5', true), Number('1234567890123456789.5'));
    assert.equal(parse('1.5', true), 1.5);
    for (const text of ['1,', ',5', '1,5,5', '1.5,5', '1,5.5', '1,e5']) {
      assert.ok(Number.isNaN(parse(text, true)), text);
    }
  });
});
