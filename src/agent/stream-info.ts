import { basename } from 'node:path';
import { packageVersion } from '../base/version.js';
import type { LoadResult } from '../state/state-store.js';
import type { PreparedStream } from './prepared-stream.js';
import { streamFeatures } from './stream-features.js';

/**
 * The `info` of a stream as JSON: what runs, on what, and what became of the saved state.
 *
 * @param boot number of this process' life
 * @param state what was found on flash
 */
export function streamInfo(stream: PreparedStream, boot: number, state: LoadResult): string {
  const { config, plan, labels, engine, target, fallbackReason } = stream;
  const { program } = stream.stepper;
  return JSON.stringify({
    ts: Date.now(),
    boot,
    version: packageVersion(),
    engine,
    target,
    ...(fallbackReason !== undefined && { engineFallback: fallbackReason }),
    model: { file: basename(config.model.file), origin: plan.origin, sha256: plan.sha256 },
    labels: labels.outputs,
    axes: config.sensor.axes,
    ...(config.features.steps.length > 0 && { features: streamFeatures(config) }),
    rateHz: config.sensor.rateHz,
    weights: program.weights,
    mode: program.mode,
    window: plan.window,
    stride: program.stride,
    warmupSamples: program.warmupSamples,
    state:
      state.saved === null
        ? { resumed: false, reason: state.reason }
        : {
            resumed: true,
            reason: state.reason,
            samples: state.saved.sampleCount,
            savedAt: state.saved.savedAt.epochMs,
            ageSeconds: state.ageMs === null ? null : Math.round(state.ageMs / 1000),
          },
  });
}
