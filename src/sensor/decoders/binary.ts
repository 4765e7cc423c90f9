import type { Fault } from '../../config/fault.js';
import { z } from '../../config/option-types.js';
import { BinaryFormat } from './binary-format.js';
import { fieldsOf, frameFields, type BinaryOptions } from './binary-frame.js';
import { defineDecoder } from './definition.js';
import { checksumKinds, type ChecksumName } from './frames/checksum-kinds.js';
import { FrameDecoder } from './frames/frame-decoder.js';
import { numberTypes } from './frames/numbers.js';

const hexBytes = z
  .string()
  .regex(/^[0-9a-f]{2}( ?[0-9a-f]{2})*$/i, 'must be bytes in hex, such as "aa 55"');

const checksumNames = Object.keys(checksumKinds) as [ChecksumName, ...ChecksumName[]];

function faultsOf(options: BinaryOptions): Fault[] {
  const fields = fieldsOf(options.frame);
  const names = fields.map(({ name }) => name);
  const wrong = options.frame.filter((_, n) => fields[n]?.type === undefined);
  if (wrong.length > 0) {
    const message = `"${wrong[0]}" is no field: write a type and a name, such as "i16 x"; the types are ${numberTypes.join(', ')}, and "skip 2" passes over bytes`;
    return [{ path: ['frame'], message }];
  }
  const missing = options.axes.filter((axis) => !names.includes(axis.toLowerCase()));
  if (missing.length > 0) {
    const message = `has no field for axis ${missing.join(', ')}; it has ${names.filter((name) => name !== '').join(', ')}`;
    return [{ path: ['frame'], message }];
  }
  if (frameFields(options).length > 1024) {
    return [{ path: ['frame'], message: 'must not be longer than 1,024 bytes' }];
  }
  return [];
}

/** Frames that the configuration describes. */
export const binary = defineDecoder({
  name: 'binary',
  options: {
    sync: hexBytes.describe('First bytes of every frame, in hex, such as "aa 55"'),
    frame: z
      .array(z.string().min(1))
      .min(1)
      .describe(
        'What follows, in order: "i16 x", "f32 temp", "skip 2"; each axis by its name, "counter" numbers the rows, "timeMs" and "timeUs" are the sensor\'s time',
      ),
    endian: z.enum(['little', 'big']).default('little').describe('Which byte of a number is first'),
    checksum: z
      .enum(checksumNames)
      .default('none')
      .describe(
        'What stands behind the fields; without one a frame counts when three follow each other',
      ),
    checksumFrom: z
      .enum(['sync', 'fields'])
      .default('sync')
      .describe('First byte that the checksum covers'),
    checksumEndian: z.enum(['little', 'big']).optional().describe('Default: as the fields'),
  },
  faults: faultsOf,
  create: (options) => new FrameDecoder(new BinaryFormat(options)),
});
