import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, fileFault, LstmdError } from '../../base/errors.js';
import { isObject } from '../../base/json.js';
import { replaceFile } from '../../platform/atomic-file.js';
import type { StreamConfig } from '../config-schema.js';
import { fileSha256, type ModelFiles } from './model-place.js';

/** A model that was put in the place of the one that the configuration names, by a command. */
export interface ReloadedModel extends ModelFiles {
  readonly sha256: string;
  /** When that was, epoch milliseconds. */
  readonly atMs: number;
  /** The file that the configuration named then: where it names another one now, that is newer. */
  readonly configured: ConfiguredFile;
}

interface ConfiguredFile {
  readonly file: string;
  readonly bytes: number | null;
  readonly modifiedMs: number | null;
  /** The SHA-256 of its model, where that ran before. */
  readonly sha256: string | null;
}

const fileName = 'reloaded.json';

/** The models that commands have put in the place of those of the configuration, over restarts. */
export class ReloadedModels {
  readonly path: string;
  readonly #models: Map<string, ReloadedModel>;

  private constructor(path: string, models: Map<string, ReloadedModel>) {
    this.path = path;
    this.#models = models;
  }

  /**
   * Reads what is remembered in a state directory. A damaged file is as none.
   *
   * @throws LstmdError `state.unreadable` where it is there and cannot be read
   */
  static async read(stateDirectory: string): Promise<ReloadedModels> {
    const path = join(stateDirectory, fileName);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') {
        return new ReloadedModels(path, new Map());
      }
      throw new LstmdError('state.unreadable', fileFault(path, cause), { cause });
    }
    return new ReloadedModels(path, new Map(modelsOf(text)));
  }

  /**
   * The model that was put in the place of an entry's; undefined where none was, and where the configuration has named
   * another file since, or that file is another one.
   */
  async of(entry: string, { model }: StreamConfig): Promise<ReloadedModel | undefined> {
    const known = this.#models.get(entry);
    if (known === undefined || !(await isAsThen(known.configured, model.file))) {
      return undefined;
    }
    const [verify, reference] = await Promise.all([known.verify, known.reference].map(ifThere));
    return { ...known, verify, reference };
  }

  /** The SHA-256 of the model that the configuration named when another one took its place; null where nobody knows it. */
  configuredSha256(entry: string): string | null {
    return this.#models.get(entry)?.configured.sha256 ?? null;
  }

  /** @throws Error where it cannot be kept on flash */
  async remember(entries: ReadonlyMap<string, ReloadedModel | undefined>): Promise<void> {
    for (const [entry, model] of entries) {
      if (model === undefined) {
        this.#models.delete(entry);
      } else {
        this.#models.set(entry, model);
      }
    }
    if (this.#models.size === 0) {
      await rm(this.path, { force: true });
      return;
    }
    const streams = Object.fromEntries(this.#models);
    await replaceFile(this.path, Buffer.from(`${JSON.stringify({ streams }, null, 2)}\n`));
  }
}

/** The configuration of a stream with another model, and what belongs to that. */
export function withModel(
  config: StreamConfig,
  { file, verify, reference, distribution }: ModelFiles,
): StreamConfig {
  const { model } = config;
  const { drift, score, heads } = model;
  return {
    ...config,
    model: {
      ...model,
      file,
      verify,
      drift: { ...drift, reference: drift.reference === undefined ? undefined : reference },
      score: withDistribution(score, distribution),
      heads:
        heads &&
        Object.fromEntries(
          Object.entries(heads).map(([name, head]) => [
            name,
            { ...head, score: withDistribution(head.score, distribution) },
          ]),
        ),
    },
  };
}

type Score = StreamConfig['model']['score'];

function withDistribution(score: Score, distribution: string | undefined): Score {
  return score?.distribution === undefined ? score : { ...score, distribution };
}

/** A file beside a model may have been removed since it was looked at: undefined then. */
async function ifThere(file: string | undefined): Promise<string | undefined> {
  return file !== undefined && (await stat(file).catch(() => undefined)) !== undefined
    ? file
    : undefined;
}

/** Describes the file that the configuration names now, so that it is known again later. */
export async function configuredFile(file: string, sha256: string | null): Promise<ConfiguredFile> {
  const found = await stat(file).catch(() => undefined);
  return {
    file,
    bytes: found?.size ?? null,
    modifiedMs: found?.mtimeMs ?? null,
    sha256,
  };
}

/** A file that was only touched, or copied anew, is still the same. */
async function isAsThen(then: ConfiguredFile, file: string): Promise<boolean> {
  if (then.file !== file) {
    return false;
  }
  const now = await configuredFile(file, null);
  if (now.bytes === null || (now.bytes === then.bytes && now.modifiedMs === then.modifiedMs)) {
    return true;
  }
  const sha256 = await fileSha256(file).catch(() => null);
  return sha256 !== null && sha256 === then.sha256;
}

function modelsOf(text: string): [string, ReloadedModel][] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  const streams = isObject(json) && isObject(json['streams']) ? json['streams'] : {};
  return Object.entries(streams).flatMap(([entry, value]): [string, ReloadedModel][] => {
    const model = modelOf(value);
    return model === undefined ? [] : [[entry, model]];
  });
}

function modelOf(value: unknown): ReloadedModel | undefined {
  if (!isObject(value) || !isObject(value['configured'])) {
    return undefined;
  }
  const { file, sha256, atMs, verify, reference, distribution } = value;
  const { configured } = value;
  const named = configured['file'];
  if (typeof file !== 'string' || typeof sha256 !== 'string' || typeof named !== 'string') {
    return undefined;
  }
  return {
    file,
    sha256,
    atMs: typeof atMs === 'number' ? atMs : 0,
    verify: textOf(verify),
    reference: textOf(reference),
    distribution: textOf(distribution),
    configured: {
      file: named,
      bytes: numberOf(configured['bytes']),
      modifiedMs: numberOf(configured['modifiedMs']),
      sha256: textOf(configured['sha256']) ?? null,
    },
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
