import { z } from '../../../config/option-types.js';

const level = z.string().regex(/^[^+#/\0]+$/, 'must be one topic level, without +, # and /');

/** `mqtt.sparkplug`: present where records are published as Sparkplug B in place of JSON. */
export const sparkplugOptions = z
  .strictObject({
    group: level
      // spBv1.0/STATE is where host applications say that they are there.
      .refine((group) => group !== 'STATE', { message: 'must not be STATE' })
      .describe('Group ID: the plant or line that the node belongs to'),
    node: level.optional().describe('Edge node ID. Default: device'),
    primaryHost: level
      .optional()
      .describe(
        'ID of the host application that records wait for: without it nothing is published. Default: none, and records are sent whoever is there',
      ),
  })
  .optional()
  .describe('Publishes Sparkplug B 3.0 in place of JSON; each stream is a device of the node');
