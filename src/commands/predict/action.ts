import { inputOptionsOf, orFaultOfFlag } from '../../agent/flagged-inputs.js';
import { StepFlag } from '../../engine/program/engine.js';
import type { Stepper } from '../../engine/stepper.js';
import { LstmdError } from '../../base/errors.js';
import { openStream } from '../../stream/model-stream.js';
import { checkStateFile, loadStateFile, saveStateFile } from '../../stream/state-file.js';
import { loadModel } from '../../model/load-model.js';
import { Conditioner } from '../../sensor/conditioner.js';
import { floatText } from '../../base/float-text.js';
import { printLines, type LineWriter } from '../terminal/line-writer.js';
import { tellUnreadHeader } from '../terminal/unread-header.js';
import { readRows } from '../../rows/row-reader.js';
import type { ModelOutput, OutputPart, StreamPlan } from '../../model/plan/stream-plan.js';
import type { FeatureFlags } from '../terminal/feature-options.js';
import type { InputFlags } from '../terminal/input-flags.js';
import type { SteppingOptions } from '../terminal/options.js';

export interface PredictOptions extends SteppingOptions, FeatureFlags, InputFlags {
  readonly input: string;
  readonly format: 'json' | 'csv';
  readonly outputs: OutputPart;
  readonly stateIn?: string;
  readonly stateOut?: string;
}

/**
 * Steps a model over rows of a file or stdin and writes its outputs to stdout.
 *
 * @throws LstmdError for a model, mode, row or state that does not fit
 */
export async function predict(modelFile: string, options: PredictOptions): Promise<void> {
  const given = { ...options, ...inputOptionsOf(options, options.axes) };
  const plan = await orFaultOfFlag(modelFile, options, () => loadModel(modelFile, given));
  const { stepper, fallbackReason } = await openStream(plan, { ...options, takesWeights: true });
  if (fallbackReason !== undefined) {
    process.stderr.write(`lstmd: using the reference engine: ${fallbackReason}\n`);
  }
  nameLastSteps(plan, options);
  if (options.stateIn !== undefined) {
    await loadStateFile(options.stateIn, stepper);
  }

  if (options.stateOut !== undefined) {
    await checkStateFile(options.stateOut, stepper);
  }
  await printLines((writer) => predictRows(stepper, plan, options, writer));
  if (options.stateOut !== undefined) {
    await saveStateFile(options.stateOut, stepper);
  }
}

/** Steps the rows of the input, and writes a line for each that has an output. */
async function predictRows(
  stepper: Stepper,
  plan: StreamPlan,
  options: PredictOptions,
  writer: LineWriter,
): Promise<void> {
  const { program } = stepper;
  const conditioner = conditionerOf(plan.features, options);
  const features = new Float32Array(plan.features);
  let line = 0;
  const fields = { ...options, onUnreadHeader: tellUnreadHeader() };
  for await (const row of readRows(options.input, plan.features, fields)) {
    line += 1;
    if (!conditioner.apply(row.values, 0, features, 0)) {
      throw new LstmdError('sensor.input', `sample ${line}: not finite after scale, mean and std`);
    }
    const output = stepper.push(features);
    if ((stepper.flags & StepFlag.refused) !== 0) {
      process.stderr.write(`lstmd: sample ${line}: refused, ${refusal(plan, features)}\n`);
    }
    if ((stepper.flags & StepFlag.reset) !== 0) {
      process.stderr.write(`lstmd: sample ${line}: the state exploded and was reset\n`);
    }
    if (output !== null || program.mode !== 'sliding') {
      await writer.write(formatRow(output, plan.outputs, options));
    }
  }
}

/** Why a sample of finite numbers was refused. */
function refusal({ indexFeatures }: StreamPlan, features: Float32Array): string {
  return indexFeatures
    .map(
      ({ feature, below }) =>
        `feature ${feature + 1} is ${features[feature] ?? 'missing'} and must be a whole number from 0 to ${below - 1}`,
    )
    .join(', ');
}

function conditionerOf(features: number, options: PredictOptions): Conditioner {
  try {
    return new Conditioner(features, options);
  } catch (cause) {
    if (!(cause instanceof LstmdError)) {
      throw cause;
    }
    const message = cause.message.replace('features.', '--');
    throw new LstmdError('usage.invalid', message, { cause });
  }
}

/** Says of which outputs a line has a part. */
function nameLastSteps({ outputs }: StreamPlan, options: PredictOptions): void {
  for (const { name, shape } of outputs) {
    const [steps] = shape;
    if (
      options.mode === 'sliding' &&
      options.outputs === 'last' &&
      shape.length > 1 &&
      steps !== 1
    ) {
      process.stderr.write(
        `lstmd: of output "${name}" a line has the last of its ${steps ?? 'many'} steps; --outputs whole has them all\n`,
      );
    }
  }
}

/**
 * One line of outputs. In JSON, `whole` nests them: an array of steps for the only output, or an array of
 * all outputs, those with a time axis as arrays of steps.
 *
 * @param output null where the model gives no output at this sample
 */
function formatRow(
  output: Float32Array | null,
  outputs: readonly ModelOutput[],
  { format, outputs: part }: Pick<PredictOptions, 'format' | 'outputs'>,
): string {
  const isJson = format === 'json';
  let at = 0;
  const next = (): string => {
    const value = output?.[at];
    at += 1;
    return value === undefined ? (isJson ? 'null' : '') : floatText(value);
  };
  const row = (length: number): string => Array.from({ length }, next).join(',');
  if (!isJson || part === 'last') {
    const values = row(outputs.reduce((sum, { size }) => sum + size, 0));
    return isJson ? `[${values}]` : values;
  }
  const nested = outputs.map(({ size, shape }) => {
    const width = shape.at(-1) ?? size;
    return shape.length > 1
      ? `[${Array.from({ length: size / width }, () => `[${row(width)}]`).join(',')}]`
      : `[${row(size)}]`;
  });
  return nested.length === 1 ? nested.join('') : `[${nested.join(',')}]`;
}
