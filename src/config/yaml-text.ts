import { stringify } from 'yaml';

/** A value as YAML, in which nothing is referred to by an alias. */
export function yamlText(value: object): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}
