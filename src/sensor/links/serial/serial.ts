import { positive, z } from '../../../config/option-types.js';
import { defineLink } from '../definition.js';
import { SerialLink } from './serial-link.js';

/** A tty. */
export const serial = defineLink({
  name: 'the path of a tty',
  schemes: [undefined],
  options: {
    baudRate: z.int().positive().default(115200),
    silenceMs: positive
      .optional()
      .describe(
        'Reopen the port after this long without a byte; default 2000 or 20 periods; longer until a first row',
      ),
  },
  create: ({ link, baudRate, rateHz, silenceMs }) =>
    new SerialLink({ path: link, baudRate, rateHz, silenceMs }),
});
