import { StepFlag } from '../../engine/program/engine.js';
import { LstmdError } from '../../base/errors.js';
import { openStream } from '../../stream/model-stream.js';
import { checkStateFile, loadStateFile, saveStateFile } from '../../stream/state-file.js';
import { loadModel } from '../../model/load-model.js';
import { Conditioner } from '../../sensor/conditioner.js';
import { floatText } from '../../base/float-text.js';
import { LineWriter } from '../terminal/line-writer.js';
import { readRows } from './row-reader.js';
import type { SteppingOptions } from '../terminal/options.js';

export interface PredictOptions extends SteppingOptions {
  readonly input: string;
  readonly format: 'json' | 'csv';
  readonly scale: number | number[];
  readonly mean: number | number[];
  readonly std: number | number[];
  readonly axes?: string[];
  readonly columns?: number[];
  readonly stateIn?: string;
  readonly stateOut?: string;
}

/**
 * Steps a model over rows of a file or stdin and writes its outputs to stdout.
 *
 * @throws LstmdError for a model, mode, row or state that does not fit
 */
export async function predict(modelFile: string, options: PredictOptions): Promise<void> {
  const plan = await loadModel(modelFile, options);
  const { stepper, fallbackReason } = await openStream(plan, { ...options, takesWeights: true });
  if (fallbackReason !== undefined) {
    process.stderr.write(`lstmd: using the reference engine: ${fallbackReason}\n`);
  }
  const { program } = stepper;
  if (options.stateIn !== undefined) {
    await loadStateFile(options.stateIn, stepper);
  }

  if (options.stateOut !== undefined) {
    await checkStateFile(options.stateOut, stepper);
  }
  const conditioner = conditionerOf(plan.features, options);
  const features = new Float32Array(plan.features);
  const writer = new LineWriter(process.stdout);
  let line = 0;
  for await (const row of readRows(options.input, plan.features, options)) {
    line += 1;
    if (!conditioner.apply(row, 0, features, 0)) {
      throw new LstmdError('sensor.input', `sample ${line}: not finite after scale, mean and std`);
    }
    const output = stepper.push(features);
    if ((stepper.flags & StepFlag.reset) !== 0) {
      process.stderr.write(`lstmd: sample ${line}: the state exploded and was reset\n`);
    }
    if (output !== null || program.mode !== 'sliding') {
      await writer.write(formatRow(output, program.outputSize, options.format));
    }
  }
  await writer.flush();
  if (options.stateOut !== undefined) {
    await saveStateFile(options.stateOut, stepper);
  }
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

/**
 * One line of outputs.
 *
 * @param output null where the model gives no output at this sample
 */
function formatRow(output: Float32Array | null, size: number, format: 'json' | 'csv'): string {
  const values = Array.from({ length: size }, (_, n) =>
    output === null ? (format === 'json' ? 'null' : '') : floatText(output[n] ?? Number.NaN),
  );
  return format === 'json' ? `[${values.join(',')}]` : values.join(',');
}
