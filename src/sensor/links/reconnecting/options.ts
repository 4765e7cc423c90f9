import { positive } from '../../../config/option-types.js';

/** The option that every link has whose far end may fall silent. */
export const silenceOptions = {
  silenceMs: positive
    .optional()
    .describe(
      'Open the link anew after this long without a byte; default 2000 or 20 periods; longer until a first row',
    ),
};
