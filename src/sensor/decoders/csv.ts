import { z } from '../../config/option-types.js';
import { CsvDecoder } from './csv-decoder.js';
import { columnsFault } from './csv-layout.js';
import { defineDecoder } from './definition.js';

/** Lines of decimal numbers. */
export const csv = defineDecoder({
  name: 'csv',
  options: {
    columns: z
      .array(z.int().nonnegative())
      .optional()
      .describe('Field of each axis, from 0; without it a row holds just the axes'),
    decimal: z
      .enum(['auto', 'point'])
      .default('auto')
      .describe(
        'auto: with columns, a row whose commas may be decimal commas is refused; point: they separate',
      ),
    separator: z
      .string()
      .regex(/^[^0-9a-zA-Z.+"\r\n-]$/, 'must be one character that no number has')
      .optional()
      .describe('Between fields; by default ; TAB , or spaces, as each line has it'),
    prefix: z
      .string()
      .min(1)
      .optional()
      .describe('Rows begin with this, such as "$ACC,"; all other lines are passed over'),
    timeColumn: z
      .union([z.int().nonnegative(), z.string().min(1)])
      .optional()
      .describe("Field of the sensor's own time, from 0, or its name in the header row"),
    timeUnit: z.enum(['s', 'ms', 'us', 'ns']).default('ms').describe('Unit of timeColumn'),
  },
  faults: (options) => {
    const { columns, timeColumn } = options;
    const message = columnsFault(options);
    if (message !== undefined) {
      return [{ path: ['columns'], message }];
    }
    if (columns !== undefined && typeof timeColumn === 'string') {
      return [
        {
          path: ['timeColumn'],
          message: 'must be a number beside columns, which no header row changes',
        },
      ];
    }
    return typeof timeColumn === 'number' && columns?.includes(timeColumn) === true
      ? [{ path: ['timeColumn'], message: 'is the field of an axis' }]
      : [];
  },
  create: (options) => new CsvDecoder(options),
});
