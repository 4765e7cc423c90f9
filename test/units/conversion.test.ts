import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { convert, needsScale, unitFactors } from '#src/units/conversion.js';
import { unitFault, unitNames, unitOf } from '#src/units/unit.js';

/** Factors as tables of physics have them, to be multiplied by. */
const factors: readonly (readonly [string, string, number])[] = [
  ['g', 'm/s2', 9.80665],
  ['m/s2', 'g', 0.10197162129779283],
  ['mg', 'g', 0.001],
  ['mg', 'm/s2', 0.00980665],
  ['deg/s', 'rad/s', 0.017453292519943295],
  ['rad/s', 'deg/s', 57.29577951308232],
  ['deg', 'rad', 0.017453292519943295],
  ['g/16384', 'g', 1 / 16384],
  ['g/16384', 'm/s2', 9.80665 / 16384],
  ['deg/s/131', 'deg/s', 1 / 131],
  ['gauss', 'uT', 100],
  ['raw', 'raw', 1],
];

describe('units', () => {
  for (const [from, to, factor] of factors) {
    test(`${from} to ${to}`, () => {
      const conversion = convert(from, to);
      assert.ok('factor' in conversion);
      assert.ok(Math.abs(conversion.factor / factor - 1) < 1e-14, String(conversion.factor));
    });
  }

  test('of another quantity are refused by name', () => {
    assert.deepEqual(convert('g', 'deg/s'), {
      fault: 'g (acceleration) cannot become deg/s (rate of turn)',
    });
    assert.ok('fault' in convert('deg', 'deg/s'));
  });

  test('between counts and what is measured only a scale converts', () => {
    assert.deepEqual([needsScale('raw', 'g'), needsScale('g', 'raw')], [true, true]);
    assert.deepEqual([needsScale('raw', 'raw'), needsScale('g/4096', 'g')], [false, false]);
  });

  test('have factors of each axis, and 1 where a side is not known', () => {
    const units = ['mg', undefined, 'deg/s'];
    const factorOf = (axis: number) => unitFactors(3, units, ['g', 'g', 'deg/s'])[axis];
    assert.deepEqual([factorOf(0), factorOf(1), factorOf(2)], [0.001, 1, 1]);
    assert.deepEqual(unitFactors(2, 'g', undefined), [1, 1]);
  });

  test('are known by one name, and others say which', () => {
    for (const name of unitNames) {
      assert.equal(unitOf(name)?.name, name);
    }
    for (const name of ['', '/', 'g/', 'g/0', 'g/-1', 'g/x', 'raw/2', 'G', 'm/s²', 'furlong']) {
      assert.equal(unitOf(name), undefined, name);
    }
    assert.equal(unitFault('m/s²'), '"m/s²" is written "m/s2" here');
    assert.equal(unitFault('DEG/S'), '"DEG/S" is written "deg/s" here');
    assert.match(unitFault('furlong'), /there are: g, mg, m\/s2, .*"g\/16384"/);
  });
});
