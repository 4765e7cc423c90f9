import { parse } from 'yaml';
import { messageOf } from '../base/errors.js';
import { suggestion, type Fault } from './fault.js';
import { configSchema } from './schema.js';
import { leafPaths } from './schema-walk.js';

/** Read elsewhere: the SIMD target of the kernel is a matter of the process, not of the file. */
const reserved = new Set(['LSTMD_SIMD', 'LSTMD_REQUIRE_ALL']);

/** `mqtt.passwordFile` is `LSTMD_MQTT_PASSWORD_FILE`. */
export function variableOf(path: readonly string[]): string {
  const words = path.map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/\W/g, '_'));
  return `LSTMD_${words.join('_').toUpperCase()}`;
}

/**
 * Puts `LSTMD_...` variables over a parsed file, in place. A value is read as YAML, so that numbers
 * and lists keep their types. A variable that names no option is a fault: it was meant to be one.
 */
export function applyEnvironment(
  raw: Record<string, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): Fault[] {
  const paths = new Map(leafPaths(configSchema, raw).map((path) => [variableOf(path), path]));
  const faults: Fault[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('LSTMD_') || reserved.has(variable) || text === undefined) {
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
    try {
      setAt(raw, path, parse(text, { logLevel: 'error' }));
    } catch (error) {
      faults.push({ path, message: `the environment variable ${variable}: ${messageOf(error)}` });
    }
  }
  return faults;
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = target;
  for (const key of path.slice(0, -1)) {
    const child = at[key];
    const next =
      typeof child === 'object' && child !== null ? (child as Record<string, unknown>) : {};
    at[key] = next;
    at = next;
  }
  at[path[path.length - 1] ?? ''] = value;
}
