import type { z } from '../config/option-types.js';
import { createConfigSchema } from '../config/schema.js';
import { publisherSections } from '../publish/registry.js';
import { decoders } from '../sensor/decoders/registry.js';
import { links } from '../sensor/links/registry.js';

/** The schema of a configuration, with the options of every link, decoder and publisher there is. */
export const configSchema = createConfigSchema({
  links,
  decoders,
  publishers: publisherSections(),
});

export type Config = z.output<typeof configSchema>;
export type StreamConfig = Config['streams'][string];
