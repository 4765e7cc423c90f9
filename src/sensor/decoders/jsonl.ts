import { z } from '../../config/option-types.js';
import { defineDecoder } from './definition.js';
import { JsonLinesDecoder } from './jsonl-decoder.js';

const jsonPath = z.string().regex(/^[^.]+(\.[^.]+)*$/, 'must be words with points between');

/** Lines of JSON. */
export const jsonl = defineDecoder({
  name: 'jsonl',
  options: {
    paths: z
      .array(jsonPath)
      .min(1)
      .optional()
      .describe('Where each axis is, such as accel.x or 0; by default they are found by the names'),
    timePath: jsonPath.optional().describe("Where the sensor's own time is"),
    timeUnit: z.enum(['s', 'ms', 'us', 'ns']).default('ms').describe('Unit of timePath'),
  },
  faults: ({ axes, paths }) => {
    if (paths === undefined) {
      return [];
    }
    if (paths.length !== axes.length) {
      const message = `must have one entry an axis: ${axes.length}, not ${paths.length}`;
      return [{ path: ['paths'], message }];
    }
    return new Set(paths).size === paths.length
      ? []
      : [{ path: ['paths'], message: 'must name another place for each axis' }];
  },
  create: (options) => new JsonLinesDecoder(options),
});
