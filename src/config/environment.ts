import { parse } from 'yaml';
import { messageOf } from '../base/errors.js';
import { pathText } from '../base/option-path.js';
import type { Fault } from './fault.js';
import type { z } from './option-types.js';
import { leavesOf } from './schema-walk.js';
import { suggestion } from './suggestion.js';
import { setAt } from './value-at.js';

/** It sets no option: the native addon reads it, once for the process. */
const simdTarget = 'LSTMD_SIMD';

/** The variable of an option: of `mqtt.passwordFile` it is `LSTMD_MQTT_PASSWORD_FILE`. */
function variableOf(path: readonly string[]): string {
  const words = path.map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/\W/g, '_'));
  return `LSTMD_${words.join('_').toUpperCase()}`;
}

function isOption(variable: string): boolean {
  return variable.startsWith('LSTMD_') && variable !== simdTarget;
}

/** Holds what the environment brought to a configuration. */
export interface AppliedEnvironment {
  readonly faults: readonly Fault[];
  /** The variable that each option was taken from, by the option's path as text. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * Puts `LSTMD_...` variables over a parsed file, in place. A value is read as YAML, so that numbers
 * and lists keep their types. A variable that names no option is a fault: it was meant to be one.
 */
export function applyEnvironment(
  schema: z.ZodType,
  raw: Record<string, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): AppliedEnvironment {
  const faults: Fault[] = [];
  const variables = new Map<string, string>();
  const given = Object.entries(environment).filter(([variable]) => isOption(variable));
  if (given.length === 0) {
    return { faults, variables };
  }
  const paths = new Map([...leavesOf(schema, raw)].map(({ path }) => [variableOf(path), path]));
  for (const [variable, text] of given) {
    if (text === undefined) {
      continue;
    }
    const path = paths.get(variable);
    if (path === undefined) {
      const hint = suggestion(variable, [...paths.keys()]);
      faults.push({
        path: [],
        message: `the environment variable ${variable} names no option; ${hint}`,
      });
      continue;
    }
    variables.set(pathText(path), variable);
    try {
      setAt(raw, path, parse(text, { logLevel: 'error' }));
    } catch (error) {
      faults.push({ path, message: `is no YAML: ${messageOf(error)}` });
    }
  }
  return { faults, variables };
}
