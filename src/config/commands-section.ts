import { z } from './option-types.js';

/** The commands that a device knows. */
export const commandNames = ['reset', 'checkpoint', 'thresholds', 'info'] as const;
export type CommandName = (typeof commandNames)[number];

/** The `commands` section: what may be asked of the device over its publisher. */
export const commands = z
  .strictObject({
    allow: z
      .array(z.enum(commandNames))
      .min(1)
      .describe(
        'reset: a stream begins with an empty state; checkpoint: states go to flash now; thresholds: an event gets others until the next start; info: what a stream runs',
      ),
  })
  .optional()
  .describe(
    'Commands over the broker, on <prefix>/<device>/cmd/<name>; without this section none is heard. Whoever may write there commands the device: look at the access list of the broker',
  );
