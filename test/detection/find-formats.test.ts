import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Capture } from '#src/detection/capture.js';
import { findFormats } from '#src/detection/find-formats.js';
import { likely, surely } from '#src/detection/finding.js';
import { lookAt } from '#src/detection/seen.js';
import { createDecoder, decoders } from '#src/sensor/decoders/registry.js';
import { decoderNameOf, encoders } from '#src/simulator/encoders/registry.js';
import { Random } from '#src/simulator/motion/random.js';

const periodMs = 10;
const size = 1000;

/** Rows as they come at 100 Hz; the first begins in its middle. */
function captureOf(rows: readonly (string | Uint8Array)[]): Capture {
  const chunks = rows.map((row, n) => ({
    bytes: typeof row === 'string' ? Buffer.from(row, 'latin1') : Uint8Array.from(row),
    arrivalMs: n * periodMs,
  }));
  const [first, ...others] = chunks;
  return first === undefined
    ? { chunks }
    : { chunks: [{ ...first, bytes: first.bytes.subarray(2) }, ...others] };
}

function lines(count: number, line: (n: number) => string): Capture {
  return captureOf(Array.from({ length: count }, (_, n) => `${line(n)}\r\n`));
}

/** An accelerometer on a table that somebody touches, in numbers of which `g` are 1 g. */
function reading(n: number, g: number): Float32Array {
  return Float32Array.of(
    0.05 * g * Math.sin(n),
    0.02 * g * Math.cos(n),
    g * (1 + 0.01 * Math.sin(3 * n)),
  );
}

// A sensor that must be asked says nothing to whoever only listens.
for (const encoder of encoders.filter(({ answering }) => answering === undefined)) {
  test(`finds ${encoder.name} from what its encoder writes`, () => {
    const g = encoder.countsInG ?? { g: 1, 'm/s2': 9.80665, mg: size }[encoder.unit ?? 'mg'];
    const encode = encoder.create(3);
    // A copy each: an encoder may use its array again.
    const rows = Array.from({ length: 120 }, (_, n) => Uint8Array.from(encode(reading(n, g))));
    const [best] = findFormats(captureOf(rows));
    assert.ok(
      best !== undefined,
      `nothing was found: the decoder ${decoderNameOf(encoder)} needs a signature, or src/detection/ a candidate`,
    );
    assert.equal(best.decoder, decoderNameOf(encoder));
    assert.ok(best.confidence >= 0.85, `confidence ${best.confidence}`);
    assert.ok(Math.abs((best.rateHz ?? 0) - 100) < 1, `rate ${best.rateHz}`);
    const section = { ...best.options, decoder: best.decoder, axes: best.axes };
    const definition = decoders.find(({ name }) => name === best.decoder);
    assert.deepEqual(definition?.faults(section), []);
    assert.equal(createDecoder(section).axes, best.axes.length);
    // A format without an axis of that name has what was written third.
    const named = best.axes.findIndex((axis) => /^(az|z)$/i.test(axis));
    const height = named === -1 ? 2 : named;
    assert.ok(Math.abs((best.ranges[height]?.max ?? 0) / g - 1) < 0.05, 'z is not gravity');
  });
}

test('tells the unit by gravity', () => {
  for (const [unit, g] of [
    ['g', 1],
    ['m/s2', 9.80665],
    ['mg', 1000],
    ['g/16384', 16_384],
    ['g/2048', 2048],
  ] as const) {
    const [best] = findFormats(
      lines(60, (n) => [...reading(n, g)].map((v) => v.toFixed(3)).join(',')),
    );
    assert.deepEqual(best?.units, [unit, unit, unit]);
    assert.ok(best.confidence >= surely);
    assert.equal(best.gravity?.isAtRest, true);
  }
});

test('finds the time among columns, with its unit, and leaves a counter out', () => {
  for (const [unit, step] of [
    [undefined, 10],
    ['us', 10_000],
    ['s', 0.01],
  ] as const) {
    const [best] = findFormats(
      lines(60, (n) =>
        [(5 + n * step).toFixed(2), ...[...reading(n, 1)].map((v) => v.toFixed(4))].join('\t'),
      ),
    );
    assert.deepEqual(best?.options, {
      timeColumn: 0,
      ...(unit === undefined ? {} : { timeUnit: unit }),
    });
    assert.deepEqual(best?.axes, ['x', 'y', 'z']);
  }
  const [counted] = findFormats(
    lines(60, (n) => `${n + 7},${[...reading(n, 1)].map((v) => v.toFixed(4)).join(',')}`),
  );
  assert.deepEqual(counted?.options, { columns: [1, 2, 3], decimal: 'point' });
  assert.match(counted?.notes.join() ?? '', /field 0 counts rows/);
});

test('finds a time by a name in JSON, and the axes within it', () => {
  const [best] = findFormats(
    lines(60, (n) =>
      JSON.stringify({
        id: 3,
        t: n * 10,
        imu: { ax: Math.sin(n), ay: 0.1, az: 1, temp: 25.5 + (n % 3) },
      }),
    ),
  );
  assert.deepEqual(best?.axes, ['ax', 'ay', 'az']);
  assert.deepEqual(best?.options, { paths: ['imu.ax', 'imu.ay', 'imu.az'], timePath: 't' });
});

test('finds acceleration among columns without names by its gravity', () => {
  const [best] = findFormats(
    lines(
      60,
      (n) => `${25 + (n % 3) / 10},${[...reading(n, 1)].map((v) => v.toFixed(4)).join(',')}`,
    ),
  );
  assert.deepEqual(best?.options['columns'], [1, 2, 3]);
});

test('is never sure of what only looks like rows', () => {
  const random = new Random(3);
  const noise = Array.from({ length: 300 }, () =>
    Uint8Array.from({ length: 40 }, () => Math.floor(256 * random.uniform())),
  );
  const digits = Array.from({ length: 300 }, () =>
    Uint8Array.from({ length: 40 }, () =>
      '0123456789,.\r\n-'.charCodeAt(Math.floor(15 * random.uniform())),
    ),
  );
  const cases: Readonly<Record<string, Capture>> = {
    noise: captureOf(noise),
    'random digits': captureOf(digits),
    'one number a line': lines(200, (n) => `${512 + (n % 40)}`),
    'the same line again': lines(200, () => '1,2,3'),
    'a log': lines(200, (n) => `[00:01:${n % 60}] INFO retry ${n} of 5 took ${n % 7} ms`),
    positions: lines(
      200,
      (n) => `$GPGGA,1235${(n % 60) + 10},4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47`,
    ),
    'decimal commas': lines(200, (n) => `0,${n % 10},9,${80 + (n % 9)}`),
    'a boot text': lines(60, (n) => `ets Jul 29 2019 12:21:${n}`),
    zeros: captureOf(Array.from({ length: 300 }, () => new Uint8Array(40))),
    'a pattern': captureOf(
      Array.from({ length: 300 }, () => Buffer.from('0f80f8e07f0f80f8e07f', 'hex')),
    ),
  };
  for (const [what, capture] of Object.entries(cases)) {
    const [best] = findFormats(capture);
    assert.ok((best?.confidence ?? 0) < likely, `${what}: ${JSON.stringify(best)}`);
  }
});

/** The lines of a sample as Adafruit's examples print them. */
function adafruitLines(n: number): string {
  return `Acceleration X: 0.1${n % 9}, Y: -0.2${n % 7}, Z: 9.7${n % 8} m/s^2\r\nRotation X: 0.01, Y: 0.02, Z: 0.0${n % 5} rad/s\r\nTemperature: 25.2 degC\r\n\r`;
}

test('finds acceleration among lines of several kinds with the same names', () => {
  const [best] = findFormats(lines(60, adafruitLines));
  assert.ok(best !== undefined && best.confidence >= surely, JSON.stringify(best));
  assert.deepEqual([best.axes, best.options], [['X', 'Y', 'Z'], { prefix: 'Acceleration ' }]);
  assert.deepEqual(best.units, ['m/s2', 'm/s2', 'm/s2']);
  assert.match(best.notes.join(), /Rotation.* passed over/);
});

test('takes no reading for a time because it rises over a few rows', () => {
  const [best] = findFormats(
    lines(6, (n) => `0,1${n % 3};-0,3${n % 2};9,${[70, 72, 79, 80, 88, 93][n]}`),
  );
  assert.deepEqual(best?.axes, ['x', 'y', 'z'], JSON.stringify(best));
});

test('is only likely of numbers without names or gravity', () => {
  const [best] = findFormats(
    lines(200, (n) => `${37 * (n % 7)},${37 * ((n * 5) % 11)},${37 * ((n * 3) % 13)}`),
  );
  assert.ok(best !== undefined && best.confidence >= likely && best.confidence < surely);
  assert.equal(best.unitsFrom, null);
});

test('does not claim frames whose checksum is wrong', () => {
  const binary = encoders.find(({ name }) => name === 'binary')?.create(3);
  const rows = Array.from({ length: 120 }, (_, n) => {
    const bytes = Uint8Array.from(binary?.(reading(n, 1000)) ?? []);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0x5a;
    return bytes;
  });
  assert.deepEqual(findFormats(captureOf(rows)), []);
});

test('finds no format in decimal commas, where commas separate, and says so', () => {
  for (const line of ['0,01 0,02 9,8', 'x:0,01 y:0,02 z:9,8']) {
    const capture = lines(200, (n) => `${line}${n % 10}`);
    assert.deepEqual(findFormats(capture), [], line);
    assert.match(lookAt(capture, 2000).words, /decimal commas/);
  }
});

test('finds frames of nobody by a few of them, where their checksum has two bytes', () => {
  const encoder = encoders.find(({ name }) => name === 'binary');
  const encode = encoder?.create(3);
  assert.ok(encode !== undefined);
  const rows = Array.from({ length: 5 }, (_, n) => Uint8Array.from(encode(reading(n, size))));
  const [found] = findFormats(captureOf(rows));
  assert.equal(found?.decoder, 'binary');
  assert.ok(found.confidence >= likely && found.confidence < surely, `${found.confidence}`);
});
