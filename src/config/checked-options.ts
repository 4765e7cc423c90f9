import type { Fault } from './fault.js';
import type { z } from './option-types.js';
import { parseOptions } from './parsed-options.js';
import { relationFaults } from './relations.js';
import { schemaFaults } from './schema-faults.js';

/** Holds what a schema makes of options, and every fault in them. */
export interface CheckedOptions<Config> {
  /** Undefined where the schema does not take them; between its sections there may be faults all the same. */
  readonly config: Config | undefined;
  readonly faults: readonly Fault[];
}

/**
 * Checks options by a schema, each section by itself and then what lies between two of them.
 *
 * @param schema made by `createConfigSchema`
 */
export function checkOptions<Schema extends z.ZodType>(
  schema: Schema,
  options: object,
): CheckedOptions<z.output<Schema>> {
  const parsed = parseOptions(schema, options);
  return {
    config: parsed.data,
    faults: [
      ...(parsed.success ? [] : schemaFaults(schema, options, parsed.error)),
      ...relationFaults(schema, options),
    ],
  };
}
