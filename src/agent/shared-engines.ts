import type { StreamPlan } from '../model/plan/stream-plan.js';
import { openStream, type ModelStream, type StreamOptions } from '../stream/model-stream.js';

/** The streams that were opened on a plan, by what an engine is made for. */
const openedOn = new WeakMap<StreamPlan, Map<string, ModelStream>>();

/**
 * Opens a stream on the engine of an earlier one that runs the same plan in the same way, so that the weights of a model that many
 * sensors share are packed once.
 *
 * @throws LstmdError as `openStream` does
 */
export async function openOnSharedEngine(
  plan: StreamPlan,
  options: StreamOptions,
): Promise<ModelStream> {
  const { engine, mode, stride, warmupSamples, weights } = options;
  const key = JSON.stringify([engine, mode, stride, warmupSamples, weights]);
  const known = openedOn.get(plan) ?? new Map<string, ModelStream>();
  const earlier = known.get(key);
  if (earlier !== undefined) {
    return { ...earlier, stepper: earlier.another() };
  }
  const opened = await openStream(plan, options);
  openedOn.set(plan, known.set(key, opened));
  return opened;
}
