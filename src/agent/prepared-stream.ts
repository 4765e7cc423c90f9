import type { Config, StreamConfig } from '../config/schema.js';
import { createEngine } from '../engine/create-engine.js';
import type { Engine } from '../engine/engine.js';
import { programOf, type StepProgram } from '../engine/program.js';
import { LstmdError, messageOf } from '../errors.js';
import { loadModel } from '../model/load-model.js';
import type { StreamPlan } from '../model/plan.js';
import { Labels } from '../publish/labels.js';
import { streamTopics, type StreamTopics } from '../publish/topics.js';
import { streamDirectory } from '../state/slot-pair.js';

/** A stream whose model is loaded and fits its configuration: what can be known before it runs. */
export interface PreparedStream {
  readonly name: string;
  readonly config: StreamConfig;
  readonly plan: StreamPlan;
  readonly program: StepProgram;
  readonly engine: Engine;
  /** Why `auto` did not take the native engine. */
  readonly fallbackReason: string | undefined;
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
  for (const [name, stream] of Object.entries(config.streams)) {
    try {
      prepared.push(await prepareStream(config, name, stream));
    } catch (error) {
      faults.push({ name, error });
    }
  }
  const [first] = faults;
  if (first === undefined) return prepared;
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
): Promise<PreparedStream> {
  const { model, sensor, publish } = stream;
  const plan = await loadModel(model.file, { window: model.window });
  if (plan.features !== sensor.axes.length) {
    throw new LstmdError(
      'config.invalid',
      `the model takes ${plan.features} features a sample, but sensor.axes names ${sensor.axes.length}: ${sensor.axes.join(', ')}`,
    );
  }
  const program = programOf(plan, model);
  const { engine, fallbackReason } = createEngine(model.engine, program);
  const labels = new Labels(model.labels, program.outputSize);
  for (const { label } of publish.events) {
    if (!labels.outputs.includes(label)) {
      throw new LstmdError(
        'config.invalid',
        `publish.events: "${label}" is no output of the model: ${labels.outputs.join(', ')}`,
      );
    }
  }
  return {
    name,
    config: stream,
    plan,
    program,
    engine,
    fallbackReason,
    labels,
    topics: streamTopics(config.mqtt.prefix, config.device, name),
    stateDirectory: streamDirectory(config.stateDirectory, name),
  };
}
