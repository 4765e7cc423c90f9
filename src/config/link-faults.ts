import type { Fault } from './fault.js';
import { schemeOf, type LinkOptions, type z } from './option-types.js';
import { valueAt } from './value-at.js';

const linksOf = new WeakMap<z.ZodType, readonly LinkOptions[]>();

/** Has a section tell which links its options are of. */
export function withLinks(section: z.ZodObject, links: readonly LinkOptions[]): void {
  linksOf.set(section, links);
}

/**
 * The options of a raw `sensor` section that its link does not have: they would do nothing.
 *
 * @param schema the section's own
 */
export function linkFaults(schema: z.ZodType | undefined, raw: object): Fault[] {
  const links = (schema && linksOf.get(schema)) ?? [];
  const address = valueAt(raw, ['link']);
  const scheme = typeof address === 'string' ? schemeOf(address) : undefined;
  const own = links.find(({ schemes }) => schemes.includes(scheme));
  if (own === undefined || typeof address !== 'string') {
    return [];
  }
  return Object.keys(raw).flatMap((option): Fault[] => {
    const owners = links.filter(({ options }) => option in options);
    if (owners.length === 0 || owners.includes(own)) {
      return [];
    }
    const message = `is an option of ${owners.map(({ name }) => name).join(' and ')}, and does nothing for ${own.name}: delete it`;
    return [{ path: ['sensor', option], message }];
  });
}
