import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { LstmdError, reasonOf } from '../base/errors.js';
import { parseReference, type Reference } from '../drift/reference.js';
import type { StreamPlan } from '../model/plan/stream-plan.js';
import type { StreamConfig } from './config-schema.js';
import { streamFeatures } from './stream-features.js';

/**
 * Reads what a stream's features and outputs are compared with; undefined where the configuration names no file.
 *
 * @throws LstmdError `config.invalid` for a file that cannot be read, or is of another model, mode or other features
 */
export async function driftReference(
  config: StreamConfig,
  plan: StreamPlan,
): Promise<Reference | undefined> {
  const { drift, mode, file } = config.model;
  const path = drift.reference;
  if (path === undefined) {
    return undefined;
  }
  const fail = (what: string, cause?: unknown) =>
    new LstmdError('config.invalid', `${path} ${what}`, {
      cause,
      at: ['model', 'drift', 'reference'],
    });
  let reference: Reference;
  try {
    reference = parseReference(await readFile(path, 'utf8'));
  } catch (cause) {
    throw fail(`cannot be read: ${reasonOf(cause)}`, cause);
  }
  if (reference.modelSha256 !== plan.sha256) {
    throw fail(
      `is of another model than ${basename(file)}: lstmd evaluate ${basename(file)} --reference-out writes that of this one`,
    );
  }
  if (reference.modes[mode] === undefined) {
    throw fail(
      `has the modes ${Object.keys(reference.modes).join(', ')}, and the stream runs in ${mode}`,
    );
  }
  const names = streamFeatures(config);
  const known = reference.features.map(({ name }) => name);
  if (names.join() !== known.join()) {
    throw fail(
      `is of the features ${known.join(', ')}, and the stream has ${names.join(', ')}: lstmd evaluate -c with this configuration writes one of these`,
    );
  }
  return reference;
}
