import { basename } from 'node:path';
import type { LoadResult } from '../state/state-store.js';
import { packageVersion } from '../base/version.js';
import type { PreparedStream } from './prepared-stream.js';

/** The retained `info` of a stream: what runs, on what, and what became of the saved state. */
export function streamInfo(stream: PreparedStream, boot: number, state: LoadResult): string {
  const { config, plan, labels } = stream;
  const { stepper, engine, target, fallbackReason } = stream.stream;
  const { program } = stepper;
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
    rateHz: config.sensor.rateHz,
    weights: program.weights,
    mode: program.mode,
    window: plan.window,
    stride: program.stride,
    warmupSamples: program.warmupSamples,
    state:
      state.record === null
        ? { resumed: false, reason: state.reason }
        : {
            resumed: true,
            reason: state.reason,
            samples: state.record.sampleCount,
            savedAt: state.record.savedMs,
            ageSeconds: Math.round(state.ageMs / 1000),
          },
  });
}
