import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { LstmdError, messageOf } from '../base/errors.js';
import { applyEnvironment } from './environment.js';
import { pathText, type Fault } from './fault.js';
import type { z } from './option-types.js';
import { resolvePaths } from './paths.js';
import { relationFaults } from './relations.js';
import { schemaFaults } from './schema-faults.js';

/** A configuration that passed every check of the schema, deeply frozen. */
export interface LoadedConfig<Config> {
  /** Absolute path of the file. */
  readonly file: string;
  readonly config: Config;
}

/**
 * Reads file and environment to one frozen value. Relative paths are taken from the folder of the
 * file.
 *
 * @param schema made by `createConfigSchema`
 * @throws LstmdError `config.unreadable`, or `config.invalid` with every fault, its path and line
 */
export async function loadConfig<Schema extends z.ZodType<object>>(
  schema: Schema,
  path: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LoadedConfig<z.output<Schema>>> {
  const file = resolve(path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const message = `cannot read the configuration: ${messageOf(cause)}`;
    throw new LstmdError('config.unreadable', message, { cause });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  // What YAML only warns of would be left out: an unknown tag, another version of YAML.
  const damage = [...document.errors, ...document.warnings];
  if (damage.length > 0) {
    const faults = damage.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return `line ${line}, column ${col}: ${error.message}`;
    });
    throw invalid(file, faults);
  }
  let raw: unknown;
  try {
    raw = document.toJS() ?? {};
  } catch (error) {
    // An alias without its anchor, or aliases of aliases that would fill the memory.
    throw invalid(file, [messageOf(error)]);
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw invalid(file, ['line 1: must be a mapping of options, such as "mqtt: ..."']);
  }
  const options = raw as Record<string, unknown>;
  const { faults: faultsOfEnvironment, variables } = applyEnvironment(schema, options, environment);
  const faults = [...faultsOfEnvironment];
  resolvePaths(schema, options, dirname(file));
  // With the input in its issues, a missing option is told from one of another type.
  const parsed = schema.safeParse(options, { reportInput: true });
  if (!parsed.success) {
    faults.push(...schemaFaults(schema, options, parsed.error));
  }
  faults.push(...relationFaults(schema, options));
  if (!parsed.success || faults.length > 0) {
    throw invalid(
      file,
      faults.map((fault) => describeFault(fault, document, lines, variables)),
    );
  }
  return { file, config: deepFreeze(parsed.data) };
}

/**
 * `line 7: streams.a.sensor.rateHz: is missing (number)`; a missing key has its parent's line, and a value from
 * the environment its variable in place of a line.
 */
function describeFault(
  fault: Fault,
  document: Document,
  lines: LineCounter,
  variables: ReadonlyMap<string, string>,
): string {
  for (let length = fault.path.length; length > 0; length -= 1) {
    const variable = variables.get(pathText(fault.path.slice(0, length)));
    if (variable !== undefined) {
      return `environment variable ${variable}: ${pathText(fault.path)}: ${fault.message}`;
    }
  }
  for (let length = fault.path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(fault.path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      const { line } = lines.linePos(Number(node.range[0]));
      return `line ${line}: ${pathText(fault.path)}: ${fault.message}`;
    }
  }
  return fault.path.length === 0 ? fault.message : `${pathText(fault.path)}: ${fault.message}`;
}

/** Bounds of the message: a file that is no configuration at all can have a fault a character. */
const shownFaults = 50;
const shownCharacters = 500;

function invalid(file: string, faults: readonly string[]): LstmdError {
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  const shown = faults
    .slice(0, shownFaults)
    .map((fault) =>
      fault.length > shownCharacters ? `${fault.slice(0, shownCharacters)}...` : fault,
    );
  if (faults.length > shown.length) {
    shown.push(`and ${faults.length - shown.length} more`);
  }
  return new LstmdError(
    'config.invalid',
    `${file} has ${count}:\n${shown.map((fault) => `  ${fault}`).join('\n')}`,
  );
}

function deepFreeze<T extends object>(value: T): T {
  const children: unknown[] = Object.values(value);
  for (const child of children) {
    if (typeof child === 'object' && child !== null) {
      deepFreeze(child);
    }
  }
  return Object.freeze(value);
}
