import type { z } from './option-types.js';

/** The unit of each axis that a decoder knows with these options; undefined for one that it does not know. */
type DeclaredUnits = (section: object) => readonly (string | undefined)[] | undefined;

const declared = new WeakMap<z.ZodType, DeclaredUnits>();

/** Has a section tell the units that its decoder declares. */
export function withDeclaredUnits<Section extends z.ZodObject>(
  section: Section,
  units: DeclaredUnits,
): Section {
  declared.set(section, units);
  return section;
}

/**
 * The units that the decoder of a section declares.
 *
 * @param section as it was parsed
 */
export function declaredUnits(
  schema: z.ZodType | undefined,
  section: object,
): readonly (string | undefined)[] | undefined {
  return schema === undefined ? undefined : declared.get(schema)?.(section);
}
