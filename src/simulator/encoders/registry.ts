import { LstmdError } from '../../base/errors.js';
import { csv } from './csv.js';
import type { Encoder, EncoderDefinition } from './encoder.js';

/** Every encoder, by the name of the decoder that reads what it writes. */
export const encoders: readonly EncoderDefinition[] = [csv];

/** @throws LstmdError `usage.invalid` when no encoder has the name */
export function createEncoder(name: string): Encoder {
  const definition = encoders.find((each) => each.name === name);
  if (definition === undefined) {
    const known = encoders.map((each) => each.name).join(', ');
    throw new LstmdError('usage.invalid', `no simulated sensor speaks "${name}"; known: ${known}`);
  }
  return definition.create();
}
