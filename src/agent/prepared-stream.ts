import type { Config, StreamConfig } from '../config/schema.js';
import { LstmdError, messageOf } from '../base/errors.js';
import { openStream, type ModelStream } from '../stream/model-stream.js';
import { verifyCase } from '../stream/verification.js';
import { readCase } from '../stream/verify-case.js';
import { loadModel } from '../model/load-model.js';
import type { StreamPlan } from '../model/plan/stream-plan.js';
import { Labels } from '../publish/prediction/labels.js';
import { streamTopics, type StreamTopics } from '../publish/mqtt/topics.js';
import { streamDirectory } from '../state/slot-pair.js';

/** A stream whose model is loaded and fits its configuration: what can be known before it runs. */
export interface PreparedStream {
  readonly name: string;
  readonly config: StreamConfig;
  readonly plan: StreamPlan;
  readonly stream: ModelStream;
  readonly labels: Labels;
  readonly topics: StreamTopics;
  readonly stateDirectory: string;
}

/**
 * Prepares every stream of a configuration.
 *
 * @throws LstmdError the one fault as it is, or `config.invalid` with the faults of all streams
 */
export async function prepareStreams(config: Config): Promise<PreparedStream[]> {
  const prepared: PreparedStream[] = [];
  const faults: { name: string; error: unknown }[] = [];
  const plans = new Map<string, StreamPlan>();
  for (const [name, stream] of Object.entries(config.streams)) {
    try {
      prepared.push(await prepareStream(config, name, stream, plans));
    } catch (error) {
      faults.push({ name, error });
    }
  }
  const [first] = faults;
  if (first === undefined) {
    return prepared;
  }
  if (faults.length === 1 && first.error instanceof LstmdError) {
    const { code, message } = first.error;
    throw new LstmdError(code, `stream ${first.name}: ${message}`, { cause: first.error });
  }
  throw new LstmdError(
    'config.invalid',
    `${faults.length} streams cannot run:\n${faults.map(({ name, error }) => `  ${name}: ${messageOf(error)}`).join('\n')}`,
  );
}

async function prepareStream(
  config: Config,
  name: string,
  stream: StreamConfig,
  plans: Map<string, StreamPlan>,
): Promise<PreparedStream> {
  const { model, sensor, publish } = stream;
  // Many sensors often share a model: it is read once.
  const key = JSON.stringify([model.file, model.window]);
  const plan = plans.get(key) ?? (await loadModel(model.file, { window: model.window }));
  plans.set(key, plan);
  if (plan.features !== sensor.axes.length) {
    throw new LstmdError(
      'config.invalid',
      `the model takes ${plan.features} features a sample, but sensor.axes names ${sensor.axes.length}: ${sensor.axes.join(', ')}`,
    );
  }
  const opened = await openStream(plan, model);
  const labels = new Labels(model.labels, opened.stepper.program.outputSize);
  for (const { label } of publish.events) {
    if (!labels.outputs.includes(label)) {
      throw new LstmdError(
        'config.invalid',
        `publish.events: "${label}" is no output of the model: ${labels.outputs.join(', ')}`,
      );
    }
  }
  if (model.verify !== undefined) {
    await selfTest(plan, opened, model.verify);
  }
  return {
    name,
    config: stream,
    plan,
    stream: opened,
    labels,
    topics: streamTopics(config.mqtt.prefix, config.device, name),
    stateDirectory: streamDirectory(config.stateDirectory, name),
  };
}

/** Does this machine give what Keras gave? A stream that would publish other numbers must not run. */
async function selfTest(plan: StreamPlan, opened: ModelStream, file: string): Promise<void> {
  const { mode, weights } = opened.stepper.program;
  const { engine } = opened;
  const result = await verifyCase(plan, await readCase(file), { mode, engine, weights });
  if (!result.ok) {
    throw new LstmdError(
      'model.verify',
      `the ${result.engine} engine (${result.target}, weights ${weights}) does not reproduce ${file} in mode ${mode}: off by ${result.largestError} at ${result.where}, tolerance ${result.tolerance}`,
    );
  }
}
