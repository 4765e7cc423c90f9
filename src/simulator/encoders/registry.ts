import { csv } from './csv.js';
import type { Encoder, EncoderDefinition } from './encoder.js';

/** Every encoder, by the name of the decoder that reads what it writes. */
export const encoders: readonly EncoderDefinition[] = [csv];

/** @throws Error when no encoder has the name */
export function createEncoder(name: string): Encoder {
  const definition = encoders.find((each) => each.name === name);
  if (definition === undefined) {
    throw new Error(`there is no encoder ${name}`);
  }
  return definition.create();
}
