import type { z } from './option-types.js';

/** For each option that only other variants of a section have, the message that refuses it here. */
type OptionsElsewhere = ReadonlyMap<string, string>;

const elsewhere = new WeakMap<z.ZodType, OptionsElsewhere>();

/** Has a section refuse the options of its other variants by messages of their own. */
export function withOptionsElsewhere<Section extends z.ZodObject>(
  section: Section,
  options: OptionsElsewhere,
): Section {
  elsewhere.set(section, options);
  return section;
}

/** The message for an option of another variant; undefined for any other. */
export function optionElsewhere(
  section: z.ZodType | undefined,
  option: string,
): string | undefined {
  return section === undefined ? undefined : elsewhere.get(section)?.get(option);
}
