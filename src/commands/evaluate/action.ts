import { createFeatureParts, type FeatureParts } from '../../agent/feature-parts.js';
import { LstmdError } from '../../base/errors.js';
import { printableText } from '../../base/printable-text.js';
import { createDecoder } from '../../sensor/decoders/registry.js';
import { fileToReplace, replaceFile } from '../../platform/atomic-file.js';
import { notWritten } from '../terminal/not-written.js';
import { evaluateModel, type Evaluation } from './evaluation.js';
import type { EvaluateOptions } from './options.js';
import { listRecordings } from './recording-list.js';
import { reportText } from './report-text.js';
import { loadSubject, type Subject } from './subject.js';

/**
 * Prints what a model is worth on recordings, in each mode that is exact, and writes the files that were asked for.
 *
 * @throws LstmdError as `findEvaluation` does, and `output.write` for a file that cannot be written
 */
export async function evaluate(
  modelFile: string | undefined,
  options: EvaluateOptions,
): Promise<void> {
  const evaluation = await findEvaluation(modelFile, options);
  await writeFiles(evaluation, options);
  const { report } = evaluation;
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(report, null, 2)}\n`
      : printableText(reportText(report)),
  );
}

/**
 * Evaluates what the arguments of the command line name.
 *
 * @throws LstmdError for a model, recordings, labels or options that do not fit each other
 */
export async function findEvaluation(
  modelFile: string | undefined,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const subject = await loadSubject(modelFile, options);
  const recordings = await listRecordings(options.data);
  const parts = partsOf(subject);
  tellRates(subject);
  return evaluateModel(subject, recordings, parts, options);
}

/** A recording may have been made before another rate was taken, or after. */
function tellRates({ rates }: Subject): void {
  if (rates !== undefined) {
    const { fromHz, toHz } = rates;
    process.stderr.write(
      `lstmd: samples at ${toHz} Hz are taken of rows at ${fromHz} Hz, as the stream does; where the recordings are at ${toHz} Hz already, say --rate ${toHz}\n`,
    );
  }
}

/** A fault of a flag is told by the flag. */
function partsOf({ config, isConfigured }: Subject): FeatureParts {
  try {
    return createFeatureParts(config, createDecoder(config.sensor).units);
  } catch (cause) {
    if (!(cause instanceof LstmdError) || isConfigured) {
      throw cause;
    }
    const message = cause.message.replace('features.', '--');
    throw new LstmdError('usage.invalid', message, { cause });
  }
}

async function writeFiles(evaluation: Evaluation, options: EvaluateOptions): Promise<void> {
  const { html, referenceOut } = options;
  if (referenceOut !== undefined) {
    const text = `${JSON.stringify(evaluation.reference, null, 2)}\n`;
    await writeOut(referenceOut, text);
  }
  if (html !== undefined) {
    const { pageOf } = await import('./page/page.js');
    await writeOut(html, pageOf(evaluation));
  }
}

async function writeOut(path: string, text: string): Promise<void> {
  try {
    await replaceFile(await fileToReplace(path), Buffer.from(text), { mode: 0o644 });
  } catch (cause) {
    throw notWritten(path, cause);
  }
}
