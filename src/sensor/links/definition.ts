import { z, type LinkOptions } from '../../config/option-types.js';
import type { Link } from './link.js';

/** The common options of the `sensor` section, which every link is told, whatever its kind. */
export interface LinkSection {
  /** The address: a path, or `scheme://...`. */
  readonly link: string;
  /** Nominal samples a second, from which a link knows how long silence is usual. */
  readonly rateHz: number;
}

/** A kind of link; `registry.ts` lists them. */
export interface LinkDefinition extends LinkOptions {
  /** A link for one stream, from its `sensor` section, in which other options may stand too. */
  create(section: LinkSection): Link;
}

/**
 * Declares a kind of link: the schemes that name it, its options and how it is made from them. The
 * options of all kinds stand in one section: each is optional or has a default, and kinds that have an option of one
 * name share its declaration.
 */
export function defineLink<Shape extends z.ZodRawShape>(
  definition: LinkOptions & {
    readonly options: Shape;
    readonly create: (options: z.output<z.ZodObject<Shape>> & LinkSection) => Link;
  },
): LinkDefinition {
  const { name, schemes, options, fault, create } = definition;
  const own = z.object(options);
  return {
    name,
    schemes,
    options,
    fault,
    // A section is read again here: its type names only the options that all links have.
    create: (section) =>
      create({ ...own.parse(section), link: section.link, rateHz: section.rateHz }),
  };
}
