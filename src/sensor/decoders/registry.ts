import { binary } from './binary.js';
import { cobs } from './cobs.js';
import { csv } from './csv.js';
import type { Decoder } from './decoder.js';
import type { DecoderDefinition, DecoderSection } from './definition.js';
import { jsonl } from './jsonl.js';
import { modbus } from './modbus/modbus.js';
import { vectornav } from './vectornav/vectornav.js';
import { witmotion } from './witmotion.js';
import { xsens } from './xsens/xsens.js';

/** Every decoder, by the name that `sensor.decoder` gives it; the first is the default. */
export const decoders: readonly DecoderDefinition[] = [
  csv,
  jsonl,
  witmotion,
  vectornav,
  xsens,
  cobs,
  binary,
  modbus,
];

/** The decoder that a `sensor` section names; the schema lets no other name pass. */
export function createDecoder(section: DecoderSection & { readonly decoder: string }): Decoder {
  const definition = decoders.find(({ name }) => name === section.decoder);
  if (definition === undefined) {
    throw new Error(`there is no decoder ${section.decoder}`);
  }
  return definition.create(section);
}
