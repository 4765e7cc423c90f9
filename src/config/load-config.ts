import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { fileFault, LstmdError, messageOf } from '../base/errors.js';
import { checkOptions } from './checked-options.js';
import { applyEnvironment } from './environment.js';
import { pathText } from '../base/option-path.js';
import type { Fault } from './fault.js';
import type { z } from './option-types.js';
import { resolvePaths } from './paths.js';

/** A configuration that passed every check of the schema, deeply frozen. */
export interface LoadedConfig<Config> {
  /** Absolute path of the file. */
  readonly file: string;
  readonly config: Config;
}

/** A file that is YAML, with the environment over it. */
export interface ConfigFile<Config> {
  /** Absolute path of the file. */
  readonly file: string;
  /** As they stand there, with absolute paths. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Holds what is wrong with the options by the schema and by each other, as far as one does not hide another. */
  readonly faults: readonly Fault[];
  /** Deeply frozen; undefined where there are faults. */
  readonly config: Config | undefined;
  /** A fault with its line, or with the variable that it comes from. */
  readonly describe: (fault: Fault) => string;
  /** The line of a fault, from 1; 0 for one that has none. */
  readonly lineOf: (fault: Fault) => number;
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
  const { file, config, faults, describe } = await readConfigFile(schema, path, environment);
  if (config === undefined) {
    throw invalidConfig(file, faults.map(describe));
  }
  return { file, config };
}

/**
 * Reads file and environment as `loadConfig` does, and gives the faults of the options in place of throwing them.
 *
 * @throws LstmdError `config.unreadable`, or `config.invalid` for what is no YAML
 */
export async function readConfigFile<Schema extends z.ZodType<object>>(
  schema: Schema,
  path: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ConfigFile<z.output<Schema>>> {
  const file = resolve(path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const message = `cannot read the configuration: ${fileFault(file, cause)}`;
    throw new LstmdError('config.unreadable', message, { cause });
  }
  return readConfigText(schema, text, file, environment);
}

/**
 * Reads the text of a configuration, with the environment over it.
 *
 * @param file absolute path that the text has or is to have: relative paths in it are taken from its folder
 * @throws LstmdError `config.invalid` for what is no YAML
 */
export function readConfigText<Schema extends z.ZodType<object>>(
  schema: Schema,
  text: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ConfigFile<z.output<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  // What YAML only warns of would be left out: an unknown tag, another version of YAML.
  const damage = [...document.errors, ...document.warnings];
  if (damage.length > 0) {
    const faults = damage.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return `line ${line}, column ${col}: ${error.message}`;
    });
    throw invalidConfig(file, faults);
  }
  let raw: unknown;
  try {
    raw = document.toJS() ?? {};
  } catch (error) {
    // An alias without its anchor, or aliases of aliases that would fill the memory.
    throw invalidConfig(file, [messageOf(error)]);
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw invalidConfig(file, ['line 1: must be a mapping of options, such as "mqtt: ..."']);
  }
  const options = raw as Record<string, unknown>;
  const { faults: faultsOfEnvironment, variables } = applyEnvironment(schema, options, environment);
  resolvePaths(schema, options, dirname(file));
  const checked = checkOptions(schema, options);
  const faults = [...faultsOfEnvironment, ...checked.faults];
  const config =
    checked.config !== undefined && faults.length === 0 ? deepFreeze(checked.config) : undefined;
  const lineOf = ({ path: at }: Fault) => lineAt(at, document, lines);
  const describe = (fault: Fault) => describeFault(fault, lineOf(fault), variables);
  return { file, options, faults, config, describe, lineOf };
}

/**
 * `line 7: streams.a.sensor.rateHz: is missing (number)`; a missing key has its parent's line, and a value from
 * the environment its variable in place of a line.
 */
function describeFault(fault: Fault, line: number, variables: ReadonlyMap<string, string>): string {
  for (let length = fault.path.length; length > 0; length -= 1) {
    const variable = variables.get(pathText(fault.path.slice(0, length)));
    if (variable !== undefined) {
      return `environment variable ${variable}: ${pathText(fault.path)}: ${fault.message}`;
    }
  }
  const place = line === 0 ? '' : `line ${line}: `;
  return fault.path.length === 0
    ? fault.message
    : `${place}${pathText(fault.path)}: ${fault.message}`;
}

/** The line of what is nearest to a path; 0 where nothing is. */
function lineAt(path: Fault['path'], document: Document, lines: LineCounter): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return lines.linePos(Number(node.range[0])).line;
    }
  }
  return 0;
}

/** Bounds of the message: a file that is no configuration at all can have a fault a character. */
const shownFaults = 50;
const shownCharacters = 500;

/**
 * @param faults each with its line
 * @param cause the fault whose code and exit code are those of the whole; without it `config.invalid`
 */
export function invalidConfig(
  file: string,
  faults: readonly string[],
  cause?: LstmdError,
): LstmdError {
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
    cause?.code ?? 'config.invalid',
    `${file} has ${count}:\n${shown.map((fault) => `  ${fault}`).join('\n')}`,
    { cause: cause?.cause },
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
