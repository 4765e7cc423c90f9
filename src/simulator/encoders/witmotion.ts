import { sum8 } from '../../sensor/decoders/frames/checksums.js';
import { clipped, noOptions, type Encoder, type EncoderDefinition } from './encoder.js';

const fullScale = 32768;
const scales = [fullScale / 16, fullScale / 2000, fullScale / 180];
const firstType = 0x51;
const temperature = 2500;

/** Standard frames of 11 bytes: acceleration, then rotation and angles where there are so many axes. */
function create(axes: number): Encoder {
  const frames = Math.ceil(axes / 3);
  const bytes = Buffer.alloc(11 * frames);
  return (row) => {
    for (let frame = 0; frame < frames; frame += 1) {
      const at = 11 * frame;
      bytes[at] = 0x55;
      bytes[at + 1] = firstType + frame;
      for (let n = 0; n < 3; n += 1) {
        const reading = (row[3 * frame + n] ?? 0) * (scales[frame] ?? 1);
        bytes.writeInt16LE(clipped(reading, 16), at + 2 + 2 * n);
      }
      bytes.writeInt16LE(temperature, at + 8);
      bytes[at + 10] = sum8(bytes, at, at + 10);
    }
    return Buffer.from(bytes);
  };
}

/** Long frames 55 61 of 20 bytes, as Bluetooth models send them over USB. */
function createLong(): Encoder {
  return (row) => {
    const bytes = Buffer.alloc(20);
    bytes.set([0x55, 0x61]);
    for (let n = 0; n < 9; n += 1) {
      const reading = (row[n] ?? 0) * (scales[Math.floor(n / 3)] ?? 1);
      bytes.writeInt16LE(clipped(reading, 16), 2 + 2 * n);
    }
    return bytes;
  };
}

const common = { options: noOptions, unit: 'g', resolution: 16 / fullScale, mostAxes: 9 } as const;

export const witmotion: EncoderDefinition = { name: 'witmotion', ...common, create };

export const witmotionLong: EncoderDefinition = {
  name: 'witmotion:long',
  ...common,
  create: createLong,
};
