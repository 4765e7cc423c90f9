import { z } from '../../../config/option-types.js';
import { defineLink } from '../definition.js';
import { silenceOptions } from '../reconnecting/options.js';
import { lineOptions } from './line-options.js';
import { SerialLink } from './serial-link.js';

/** A tty, or a named pipe. */
export const serial = defineLink({
  name: 'the path of a tty or of a named pipe',
  schemes: [undefined],
  options: {
    ...lineOptions,
    hupcl: z
      .boolean()
      .default(false)
      .describe('Drop DTR when the port is closed, which resets many boards'),
    lowLatency: z
      .boolean()
      .default(true)
      .describe(
        'Have the driver hand on bytes at once where it can: an FTDI adapter else waits 16 ms',
      ),
    ...silenceOptions,
  },
  create: ({ link, ...options }) => new SerialLink({ path: link, ...options }),
});
