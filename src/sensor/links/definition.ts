import { z, type LinkOptions } from '../../config/option-types.js';
import type { DeviceLinks } from './device-links.js';
import type { Link } from './link.js';

/** The common options of the `sensor` section, which every link is told, whatever its kind. */
export interface LinkSection {
  /** The address: a path, or `scheme://...`. */
  readonly link: string;
  /** Nominal samples a second, from which a link knows how long silence is usual. */
  readonly rateHz: number;
}

/** A file that a link reads. */
export interface LinkFile {
  readonly path: string;
  /** The option that names a secret, which systemd may hand over; undefined for what is none. */
  readonly option?: string;
}

/** A kind of link; `registry.ts` lists them. */
export interface LinkDefinition extends LinkOptions {
  /** A link for one stream, from its `sensor` section, in which other options may stand too. */
  create(section: LinkSection): Link;
  /** True when nothing can be sent over it, so that a sensor that must be asked cannot be read; default false. */
  isReadOnly?: boolean | undefined;
  /** Returns whether an address is of many devices, each of which is to be a stream; default false. */
  isTemplate?: ((link: string) => boolean) | undefined;
  /** The links of those devices. */
  devices?: ((section: LinkSection) => DeviceLinks) | undefined;
  /** The files that it reads; default none. */
  files?: ((section: LinkSection) => readonly LinkFile[]) | undefined;
  /** Returns what keeps it from working on this machine, such as a file that cannot be read; undefined where nothing does. */
  check?: ((section: LinkSection) => Promise<string | undefined>) | undefined;
}

type Options<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>> & LinkSection;

/**
 * Declares a kind of link: the schemes that name it, its options and how it is made from them. The
 * options of all kinds stand in one section: each is optional or has a default, and kinds that have an option of one
 * name share its declaration.
 */
export function defineLink<Shape extends z.ZodRawShape>(
  definition: LinkOptions & {
    readonly options: Shape;
    readonly create: (options: Options<Shape>) => Link;
    readonly isReadOnly?: boolean;
    readonly isTemplate?: (link: string) => boolean;
    readonly devices?: (options: Options<Shape>) => DeviceLinks;
    readonly files?: (options: Options<Shape>) => readonly LinkFile[];
    readonly check?: (options: Options<Shape>) => Promise<string | undefined>;
  },
): LinkDefinition {
  const { name, schemes, options, fault, create, isReadOnly, isTemplate, devices, files, check } =
    definition;
  const own = z.object(options);
  // A section is read again here: its type names only the options that all links have.
  const read = (section: LinkSection): Options<Shape> => ({
    ...own.parse(section),
    link: section.link,
    rateHz: section.rateHz,
  });
  return {
    name,
    schemes,
    options,
    fault,
    create: (section) => create(read(section)),
    isReadOnly,
    isTemplate,
    devices: devices && ((section) => devices(read(section))),
    files: files && ((section) => files(read(section))),
    check: check && ((section) => check(read(section))),
  };
}
