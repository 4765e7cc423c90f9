import { xor8 } from '../../sensor/decoders/frames/checksums.js';
import { clipped, noOptions, usualPeriodMs, type EncoderDefinition } from './encoder.js';

/** A line as a sensor prints it; nine digits are read back as the same float32. */
export function csvLine(row: Float32Array): Uint8Array {
  return line(numbersOf(row).join(','));
}

export const csv: EncoderDefinition = {
  name: 'csv',
  options: noOptions,
  resolution: 0,
  create: () => csvLine,
};

const names = ['x', 'y', 'z', 'gx', 'gy', 'gz'];

/** Numbers with their names, as the Arduino plotter takes them. */
export const csvPlotter: EncoderDefinition = {
  name: 'csv:plotter',
  options: noOptions,
  resolution: 0,
  mostAxes: names.length,
  create: () => (row) =>
    line(
      numbersOf(row)
        .map((n, axis) => `${names[axis]}:${n}`)
        .join(','),
    ),
};

/** Numbers with their names and a unit, as people print them. */
export const csvLabels: EncoderDefinition = {
  name: 'csv:labels',
  options: () => ({ prefix: 'Acceleration ' }),
  unit: 'm/s2',
  resolution: 0.02,
  mostAxes: 3,
  create: () => (row) => {
    const [x = '', y = '', z = ''] = Array.from(row, (reading) => reading.toFixed(2));
    return line(`Acceleration X: ${x}, Y: ${y}, Z: ${z} m/s^2`);
  },
};

/** As an OpenLog Artemis writes: a header row, then date, time, the readings and a separator at the end. */
export const csvHeader: EncoderDefinition = {
  name: 'csv:openlog',
  options: noOptions,
  resolution: 0.01,
  mostAxes: names.length,
  create: (axes) => {
    const fields = ['aX', 'aY', 'aZ', 'gX', 'gY', 'gZ'].slice(0, axes);
    const header = `rtcDate,rtcTime,${fields.join(',')},imu_degC,\r\n`;
    let rows = 0;
    return (row) => {
      const readings = Array.from(row, (reading) => reading.toFixed(2));
      // A logger writes it once; one that was opened later must be told too.
      const before = rows % 100 === 0 ? header : '';
      rows += 1;
      return Buffer.from(
        `${before}01/06/2026,06:40:26.26,${readings.join(',')},25.17,\r\n`,
        'latin1',
      );
    };
  },
};

/** Milliseconds before the readings, separated by tabs. */
export const csvTime: EncoderDefinition = {
  name: 'csv:time',
  options: () => ({ timeColumn: 0 }),
  resolution: 0,
  create: (_axes, periodMs = usualPeriodMs) => {
    let rows = 0;
    return (row) => {
      const text = [Math.round(periodMs * rows), ...numbersOf(row)].join('\t');
      rows += 1;
      return line(text);
    };
  },
};

/** A sentence with the checksum of NMEA 0183. */
export const csvNmea: EncoderDefinition = {
  name: 'csv:nmea',
  options: noOptions,
  resolution: 0,
  create: () => (row) => {
    const text = `ACC,${numbersOf(row).join(',')}`;
    const sum = xor8(Buffer.from(text, 'latin1'), 0, text.length);
    return line(`$${text}*${sum.toString(16).toUpperCase().padStart(2, '0')}`);
  },
};

const countsInG = 16_384;

/** Raw readings at +-2 g, as the examples of i2cdevlib print them for an MPU-6050. */
export const csvRaw: EncoderDefinition = {
  name: 'csv:i2cdev',
  options: noOptions,
  countsInG,
  resolution: 1,
  mostAxes: 6,
  create: () => (row) => {
    const counts = Array.from({ length: 6 }, (_, n) => clipped(row[n] ?? 0, 16));
    return line(`a/g:\t${counts.join('\t')}`);
  },
};

function numbersOf(row: Float32Array): number[] {
  return Array.from(row, (reading) => Number(reading.toPrecision(9)));
}

function line(text: string): Uint8Array {
  return Buffer.from(`${text}\r\n`, 'latin1');
}
