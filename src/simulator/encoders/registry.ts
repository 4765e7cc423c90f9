import { LstmdError } from '../../base/errors.js';
import { binary } from './binary.js';
import { cobs } from './cobs.js';
import { csv, csvPlotter, csvLabels, csvRaw, csvHeader, csvTime, csvNmea } from './csv.js';
import type { EncoderDefinition } from './encoder.js';
import { jsonl, jsonlArray, jsonlNested } from './jsonl.js';
import { modbus, modbusFloat } from './modbus.js';
import { vectornav, vectornavBinary } from './vectornav.js';
import { witmotion, witmotionLong } from './witmotion.js';
import { xsens } from './xsens.js';

/** Every encoder, by the name of the decoder that reads what it writes; variants of one format follow each other. */
export const encoders: readonly EncoderDefinition[] = [
  csv,
  csvPlotter,
  csvLabels,
  csvHeader,
  csvTime,
  csvNmea,
  csvRaw,
  jsonl,
  jsonlNested,
  jsonlArray,
  witmotion,
  witmotionLong,
  vectornav,
  vectornavBinary,
  xsens,
  cobs,
  binary,
  modbus,
  modbusFloat,
];

/** @throws LstmdError `usage.invalid` when no encoder has the name */
export function encoderNamed(name: string): EncoderDefinition {
  const definition = encoders.find((each) => each.name === name);
  if (definition === undefined) {
    const known = encoders.map((each) => each.name).join(', ');
    throw new LstmdError('usage.invalid', `no simulated sensor speaks "${name}"; known: ${known}`);
  }
  return definition;
}

/** The name of the decoder that reads what an encoder writes. */
export function decoderNameOf({ name }: EncoderDefinition): string {
  return name.split(':')[0] ?? name;
}
