import type { Fault } from '../../config/fault.js';
import { z, type DecoderOptions } from '../../config/option-types.js';
import type { Decoder } from './decoder.js';

/** The common options of the `sensor` section, which every decoder is told, whatever its format. */
export interface DecoderSection {
  /** Names of the axes, in the order in which a row holds their readings. */
  readonly axes: readonly string[];
}

/** How a format is told among bytes of which nobody knows what they are, as `lstmd detect` has them. */
export interface Signature {
  /** Returns whether the format may be in these bytes, at a glance. If so it is tried: its checksum has to prove the rows. */
  readonly isPossible: (bytes: Uint8Array) => boolean;
  /** The axes that it is tried with, the most of them first; default: those of motion. */
  readonly axes?: readonly (readonly string[])[] | undefined;
}

/** A format that a configuration can name; `registry.ts` lists them. */
export interface DecoderDefinition extends DecoderOptions<DecoderSection> {
  /** How the format is told; undefined where it has no checksum, or its own options must be known first. */
  readonly signature?: Signature | undefined;
  /** A decoder for one stream, from its `sensor` section, in which other options may stand too. */
  create(section: DecoderSection): Decoder;
}

type OptionsOf<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>> & DecoderSection;

/**
 * Declares a decoder: its name in `sensor.decoder`, its options and how it is made from them.
 *
 * @param definition `faults` looks at options together, and is asked only when each alone is good
 */
export function defineDecoder<Shape extends z.ZodRawShape>(definition: {
  readonly name: string;
  readonly options: Shape;
  readonly faults?: (options: OptionsOf<Shape>) => readonly Fault[];
  readonly signature?: Signature;
  readonly create: (options: OptionsOf<Shape>) => Decoder;
}): DecoderDefinition {
  const { name, options, faults = () => [], signature, create } = definition;
  const own = z.object(options);
  // A section is read again here: its type names only the options that all decoders have.
  return {
    name,
    options,
    signature,
    faults: (section) => {
      const { data } = own.safeParse(section);
      return data === undefined ? [] : faults({ ...data, axes: section.axes });
    },
    create: (section) => create({ ...own.parse(section), axes: section.axes }),
    units: (section) => create({ ...own.parse(section), axes: section.axes }).units,
  };
}
