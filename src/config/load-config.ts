import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { LstmdError, messageOf } from '../errors.js';
import { applyEnvironment } from './environment.js';
import { faultsOf, pathText, type Fault } from './fault.js';
import { keysAt } from './schema-walk.js';
import { configSchema, type Config, type MqttConfig } from './schema.js';

/** A configuration that passed every check of the schema, deeply frozen. */
export interface LoadedConfig {
  /** Absolute path of the file. */
  readonly file: string;
  readonly config: Config;
}

/**
 * Reads file and environment to one frozen value. Paths in the file are taken from its folder.
 *
 * @throws LstmdError `config.unreadable`, or `config.invalid` with every fault, its path and line
 */
export async function loadConfig(
  path: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LoadedConfig> {
  const file = resolve(path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new LstmdError(
      'config.unreadable',
      `cannot read the configuration: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return `line ${line}, column ${col}: ${error.message}`;
    });
    throw invalid(file, faults);
  }
  const raw: unknown = document.toJS() ?? {};
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw invalid(file, ['line 1: must be a mapping of options, such as "mqtt: ..."']);
  }
  const faults = applyEnvironment(raw as Record<string, unknown>, environment);
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) {
    faults.push(...parsed.error.issues.flatMap((issue) => faultsOf(issue, optionsAt)));
  } else {
    faults.push(...axisFaults(parsed.data));
  }
  if (!parsed.success || faults.length > 0) {
    throw invalid(
      file,
      faults.map((fault) => describeFault(fault, document, lines)),
    );
  }
  return { file, config: deepFreeze(withAbsolutePaths(parsed.data, dirname(file))) };
}

function optionsAt(path: Fault['path']): string[] {
  return keysAt(configSchema, path);
}

/** What the schema cannot say: lists that run along the axes, labels that events name. */
function axisFaults(config: Config): Fault[] {
  const faults: Fault[] = [];
  for (const [name, { sensor, features, model, publish }] of Object.entries(config.streams)) {
    const axes = sensor.axes.length;
    const lists: [string[], readonly unknown[] | number | undefined][] = [
      [['sensor', 'columns'], sensor.columns],
      [['features', 'scale'], features.scale],
      [['features', 'mean'], features.mean],
      [['features', 'std'], features.std],
    ];
    for (const [path, list] of lists) {
      if (Array.isArray(list) && list.length !== axes) {
        faults.push({
          path: ['streams', name, ...path],
          message: `must have one entry an axis: ${axes}, not ${list.length}`,
        });
      }
    }
    for (const [index, event] of publish.events.entries()) {
      if (model.labels !== undefined && !model.labels.includes(event.label)) {
        faults.push({
          path: ['streams', name, 'publish', 'events', index, 'label'],
          message: `"${event.label}" is not among model.labels: ${model.labels.join(', ')}`,
        });
      }
    }
    if (model.stride !== 1 && model.mode !== 'sliding') {
      faults.push({
        path: ['streams', name, 'model', 'stride'],
        message: `only means something in mode sliding, not in ${model.mode}`,
      });
    }
  }
  const { cert, key } = config.mqtt;
  if ((cert === undefined) !== (key === undefined)) {
    faults.push({
      path: ['mqtt', cert === undefined ? 'key' : 'cert'],
      message: 'cert and key go together',
    });
  }
  if (config.mqtt.passwordFile !== undefined && config.mqtt.username === undefined) {
    faults.push({ path: ['mqtt', 'passwordFile'], message: 'needs mqtt.username' });
  }
  return faults;
}

function withAbsolutePaths(config: Config, folder: string): Config {
  const { passwordFile, ca, cert, key } = config.mqtt;
  const files: Partial<MqttConfig> = {
    ...(passwordFile !== undefined && { passwordFile: resolve(folder, passwordFile) }),
    ...(ca !== undefined && { ca: resolve(folder, ca) }),
    ...(cert !== undefined && { cert: resolve(folder, cert) }),
    ...(key !== undefined && { key: resolve(folder, key) }),
  };
  return {
    ...config,
    stateDirectory: resolve(config.stateDirectory),
    mqtt: { ...config.mqtt, ...files },
    streams: Object.fromEntries(
      Object.entries(config.streams).map(([name, stream]) => [
        name,
        {
          ...stream,
          sensor: { ...stream.sensor, link: resolve(folder, stream.sensor.link) },
          model: { ...stream.model, file: resolve(folder, stream.model.file) },
        },
      ]),
    ),
  };
}

/** `line 7: streams.a.sensor.rateHz: is missing (number)`; a missing key has its parent's line. */
function describeFault(fault: Fault, document: Document, lines: LineCounter): string {
  for (let length = fault.path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(fault.path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      const { line } = lines.linePos(Number(node.range[0]));
      return `line ${line}: ${pathText(fault.path)}: ${fault.message}`;
    }
  }
  return fault.path.length === 0 ? fault.message : `${pathText(fault.path)}: ${fault.message}`;
}

function invalid(file: string, faults: readonly string[]): LstmdError {
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  return new LstmdError(
    'config.invalid',
    `${file} has ${count}:\n${faults.map((f) => `  ${f}`).join('\n')}`,
  );
}

function deepFreeze<T extends object>(value: T): T {
  const children: unknown[] = Object.values(value);
  for (const child of children) {
    if (typeof child === 'object' && child !== null) deepFreeze(child);
  }
  return Object.freeze(value);
}
