import { createEngine } from '../engine/create-engine.js';
import { StepFlag } from '../engine/engine.js';
import { programOf } from '../engine/program.js';
import { Stepper } from '../engine/stepper.js';
import { LstmdError } from '../errors.js';
import { loadModel } from '../model/load-model.js';
import { Conditioner } from '../sensor/conditioner.js';
import { floatText } from '../publish/float-text.js';
import { LineWriter } from './line-writer.js';
import type { PredictOptions } from './predict.js';
import { readRows } from './row-reader.js';
import { loadStateFile, saveStateFile } from './state-file.js';

/**
 * Steps a model over rows of a file or stdin and writes its outputs to stdout.
 *
 * @throws LstmdError for a model, mode, row or state that does not fit
 */
export async function predict(modelFile: string, options: PredictOptions): Promise<void> {
  const plan = await loadModel(modelFile, options);
  const program = programOf(plan, options);
  const { engine, fallbackReason } = createEngine(options.engine, program);
  if (fallbackReason !== undefined) {
    process.stderr.write(`lstmd: using the reference engine: ${fallbackReason}\n`);
  }
  const stepper = new Stepper(engine, program);
  if (options.stateIn !== undefined) await loadStateFile(options.stateIn, stepper);

  const conditioner = conditionerOf(plan.features, options);
  const sample = {
    count: 1,
    features: plan.features,
    values: new Float32Array(plan.features),
    timeMs: new Float64Array(1),
    firstSeq: 1,
  };
  const writer = new LineWriter(process.stdout);
  let line = 0;
  for await (const row of readRows(options.input, plan.features)) {
    line += 1;
    if (!conditioner.apply(row, 0, sample.values, 0)) {
      throw new LstmdError('sensor.input', `sample ${line}: not finite after scale, mean and std`);
    }
    const { output, flags } = stepper.step(sample);
    const flag = flags[0] ?? 0;
    if ((flag & StepFlag.reset) !== 0) {
      process.stderr.write(`lstmd: sample ${line}: the state exploded and was reset\n`);
    }
    const hasOutput = (flag & StepFlag.output) !== 0;
    if (hasOutput || program.mode !== 'sliding') {
      await writer.write(formatRow(hasOutput ? output : null, program.outputSize, options.format));
    }
  }
  await writer.flush();
  if (options.stateOut !== undefined) await saveStateFile(options.stateOut, stepper);
}

function conditionerOf(features: number, options: PredictOptions): Conditioner {
  try {
    return new Conditioner(features, options);
  } catch (cause) {
    if (!(cause instanceof LstmdError)) throw cause;
    const message = cause.message.replace('features.', '--');
    throw new LstmdError('usage.invalid', message, { cause });
  }
}

/** One line of outputs; null where the model gives nothing at this sample. */
function formatRow(output: Float32Array | null, size: number, format: 'json' | 'csv'): string {
  const values = Array.from({ length: size }, (_, n) =>
    output === null ? (format === 'json' ? 'null' : '') : floatText(output[n] ?? Number.NaN),
  );
  return format === 'json' ? `[${values.join(',')}]` : values.join(',');
}
