import { noOptions, usualPeriodMs, type EncoderDefinition } from './encoder.js';

const names = ['x', 'y', 'z', 'gx', 'gy', 'gz', 'mx', 'my', 'mz'];

function rounded(reading: number): number {
  return Number(reading.toPrecision(9));
}

/** An object a line, as sketches for an ESP32 print it. */
export const jsonl: EncoderDefinition = {
  name: 'jsonl',
  options: noOptions,
  resolution: 0,
  mostAxes: names.length,
  create: () => (row) => {
    const entries = Array.from(row, (reading, n) => [names[n] ?? '', rounded(reading)] as const);
    return Buffer.from(`${JSON.stringify(Object.fromEntries(entries))}\r\n`, 'latin1');
  },
};

/** An object with the acceleration within it and a time, as many firmwares nest it. */
export const jsonlNested: EncoderDefinition = {
  name: 'jsonl:nested',
  options: () => ({ timePath: 'ms' }),
  resolution: 0,
  mostAxes: 3,
  create: (_axes, periodMs = usualPeriodMs) => {
    let rows = 0;
    return (row) => {
      const [x = 0, y = 0, z = 0] = Array.from(row, rounded);
      const text = JSON.stringify({ ms: Math.round(periodMs * rows), accel: { x, y, z } });
      rows += 1;
      return Buffer.from(`${text}\n`, 'latin1');
    };
  },
};

/** An array a line. */
export const jsonlArray: EncoderDefinition = {
  name: 'jsonl:array',
  options: noOptions,
  resolution: 0,
  create: () => (row) => Buffer.from(`${JSON.stringify(Array.from(row, rounded))}\n`, 'latin1'),
};
