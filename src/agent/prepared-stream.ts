import type { Config, StreamConfig } from './config-schema.js';
import { LstmdError, messageOf } from '../base/errors.js';
import { loadModel } from '../model/load-model.js';
import type { StreamPlan } from '../model/plan/stream-plan.js';
import { outputEventRules, type OutputEventRule } from '../publish/prediction/event-rules.js';
import { Labels } from '../publish/prediction/labels.js';
import { streamDirectory } from '../state/slot-pair.js';
import { openStream, type ModelStream } from '../stream/model-stream.js';
import { verifyCase } from '../stream/verification.js';
import { readCase } from '../stream/verify-case.js';

/**
 * A stream whose model is loaded and fits its configuration: all that can be known before it runs. Beside
 * what is here it has the stepper, and the engine that this runs on.
 */
export interface PreparedStream extends ModelStream {
  readonly name: string;
  readonly config: StreamConfig;
  readonly plan: StreamPlan;
  readonly labels: Labels;
  readonly events: readonly OutputEventRule[];
  readonly stateDirectory: string;
}

/**
 * Prepares every stream of a configuration.
 *
 * @param signal ends the loading of models; what is thrown then is its reason
 * @throws LstmdError a single fault as it is, or the faults of all streams, with their code where they share one
 *   and `config.invalid` where not
 */
export async function prepareStreams(
  config: Config,
  signal?: AbortSignal,
): Promise<PreparedStream[]> {
  const prepared: PreparedStream[] = [];
  const faults: { name: string; error: unknown }[] = [];
  const plans = new Plans(Object.values(config.streams));
  for (const [name, stream] of Object.entries(config.streams)) {
    try {
      const stateDirectory = streamDirectory(config.stateDirectory, name);
      prepared.push({ name, stateDirectory, ...(await prepareStream(stream, plans, signal)) });
    } catch (error) {
      signal?.throwIfAborted();
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
  const codes = new Set(
    faults.map(({ error }) => (error instanceof LstmdError ? error.code : 'config.invalid')),
  );
  const [code = 'config.invalid'] = codes;
  throw new LstmdError(
    codes.size === 1 ? code : 'config.invalid',
    `${faults.length} streams cannot run:\n${faults.map(({ name, error }) => `  ${name}: ${messageOf(error)}`).join('\n')}`,
  );
}

/** The plans of all streams. Many sensors often share a model: it is read once. */
class Plans {
  readonly #plans = new Map<string, StreamPlan>();
  /** How many streams still want each. */
  readonly #wanted = new Map<string, number>();

  constructor(streams: readonly StreamConfig[]) {
    for (const { model } of streams) {
      const key = keyOf(model);
      this.#wanted.set(key, (this.#wanted.get(key) ?? 0) + 1);
    }
  }

  /** Called once for each stream; `isLast` where no other stream will want the plan. */
  async load(
    model: StreamConfig['model'],
    signal: AbortSignal | undefined,
  ): Promise<{ readonly plan: StreamPlan; readonly isLast: boolean }> {
    const key = keyOf(model);
    const wanted = (this.#wanted.get(key) ?? 1) - 1;
    this.#wanted.set(key, wanted);
    const plan =
      this.#plans.get(key) ?? (await loadModel(model.file, { window: model.window, signal }));
    this.#plans.set(key, plan);
    return { plan, isLast: wanted === 0 };
  }
}

function keyOf({ file, window }: StreamConfig['model']): string {
  return JSON.stringify([file, window]);
}

async function prepareStream(
  config: StreamConfig,
  plans: Plans,
  signal: AbortSignal | undefined,
): Promise<Omit<PreparedStream, 'name' | 'stateDirectory'>> {
  const { model, sensor, publish } = config;
  const { plan, isLast } = await plans.load(model, signal);
  if (plan.features !== sensor.axes.length) {
    throw new LstmdError(
      'config.invalid',
      `the model takes ${plan.features} features a sample, but sensor.axes names ${sensor.axes.length}: ${sensor.axes.join(', ')}`,
    );
  }
  // A self-test opens a second stream on the plan.
  const takesWeights = isLast && model.verify === undefined;
  const stream = await openStream(plan, { ...model, takesWeights });
  const labels = new Labels(model.labels, plan.outputs);
  const events = outputEventRules(publish.events, labels);
  if (model.verify !== undefined) {
    await selfTest(plan, stream, model.verify);
  }
  return { ...stream, config, plan, labels, events };
}

/**
 * Steps a case on this machine. A stream that would publish other numbers than Keras gave must not run.
 *
 * @throws LstmdError `model.verify` when the case is not reproduced
 */
async function selfTest(
  plan: StreamPlan,
  { stepper, engine }: ModelStream,
  file: string,
): Promise<void> {
  const { mode, weights } = stepper.program;
  const result = await verifyCase(plan, await readCase(file), { mode, engine, weights });
  if (!result.ok) {
    throw new LstmdError(
      'model.verify',
      `the ${result.engine} engine (${result.target}, weights ${weights}) does not reproduce ${file} in mode ${mode}: off by ${result.largestError} at ${result.where}, tolerance ${result.tolerance}`,
    );
  }
}
