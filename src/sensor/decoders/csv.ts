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
  },
  faults: (options) => {
    const message = columnsFault(options);
    return message === undefined ? [] : [{ path: ['columns'], message }];
  },
  create: (options) => new CsvDecoder(options),
});
