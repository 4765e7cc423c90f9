import { z } from 'zod';
import { longestTimerSeconds } from '../base/longest-timer.js';
import { unitFault, unitNames, unitOf } from '../units/unit.js';
import type { Fault } from './fault.js';

/**
 * The types that options are declared with: zod's, and those that several rooms share. zod is imported
 * here and in this folder alone; a decoder, a link or a publisher takes `z` from this file.
 */
export { z } from 'zod';

// A configuration is checked once, for which no code need be made.
z.config({ jitless: true });

/** The options that a decoder adds to the `sensor` section. */
export interface DecoderOptions<Section> {
  /** The word in `sensor.decoder`. */
  readonly name: string;
  /** The type, default and description of each option that other decoders need not have. */
  readonly options: z.ZodRawShape;
  /** Faults that lie between options, when each alone is good; paths are within the section. */
  faults(section: Section): readonly Fault[];
  /** The unit of each axis where the format fixes it, else undefined; asked only for a section without faults. */
  units?(section: Section): readonly (string | undefined)[];
}

/** The options that a kind of link adds to the `sensor` section. */
export interface LinkOptions {
  /** The word for it in messages. */
  readonly name: string;
  /** The schemes of the addresses in `sensor.link` that mean it; `undefined` stands for a path. */
  readonly schemes: readonly (string | undefined)[];
  /** The type, default and description of each option; none may be required. */
  readonly options: z.ZodRawShape;
  /** Returns what is wrong with an address of these schemes, beside these options; undefined where nothing is. */
  readonly fault?:
    | ((address: string, section: Readonly<Record<string, unknown>>) => string | undefined)
    | undefined;
}

/** A file system takes 255, of which ours may add some. */
const longestNameBytes = 200;

/** A name that becomes part of a topic. */
export const name = z
  .string()
  .min(1)
  .regex(/^[^+#/\0]+$/, 'must not hold +, # or /: it becomes part of an MQTT topic')
  .refine((text) => Buffer.byteLength(text) <= longestNameBytes, {
    message: `must have at most ${longestNameBytes} bytes: it becomes the name of a folder`,
  });

/** A number of which sums and products stay finite. */
export const finite = z.number().min(-1e200).max(1e200);

export const positive = z.number().positive();

/** Seconds after which a timer is to go off. */
export const timerSeconds = positive.max(longestTimerSeconds);

const unit = z
  .string()
  .refine((text) => unitOf(text) !== undefined, { error: ({ input }) => unitFault(String(input)) })
  .meta({ examples: [...unitNames, 'g/16384'] });

/** The units of readings: one for all axes, or one for each. */
export const units = z.union([unit, z.array(unit).min(1)]);

const paths = z.registry<{ readonly from: 'folder' }>();

/** A path; a relative one is taken from the folder of the configuration file. */
export const path = z.string().min(1).register(paths, { from: 'folder' });

/** Returns whether an option was declared as a `path`. */
export function isPath(schema: z.ZodType): boolean {
  return paths.get(schema) !== undefined;
}

/** The scheme of an address, such as `tcp` of `tcp://host:1` and `recording` of `recording:FILE`; undefined for a path. */
export function schemeOf(address: string): string | undefined {
  return /^(recording(?=:)|[a-z][a-z0-9+.-]*(?=:\/\/))/i.exec(address)?.[1]?.toLowerCase();
}

/** The file of an address `recording:FILE`, which may be relative; undefined for any other. */
export function recordingOf(address: string): string | undefined {
  return /^recording:(?:\/\/)?(.+)$/i.exec(address)?.[1];
}
