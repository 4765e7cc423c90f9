import { basename } from 'node:path';
import { expectedDifference } from '../model/plan/half-precision.js';
import { packageVersion } from '../base/version.js';
import type { LoadResult } from '../state/load-result.js';
import type { WatchedRule } from '../publish/prediction/event-rules.js';
import type { Head } from '../publish/prediction/heads/head.js';
import type { HeadSettings } from './head-settings.js';
import type { PreparedStream } from './prepared-stream.js';
import { sampleRateHz, streamFeatures } from './stream-features.js';

function headInfo(head: Head, settings: HeadSettings | undefined) {
  return {
    name: head.name,
    task: head.task,
    taskFrom: settings?.taskFrom,
    ...(settings?.isPart === true && { part: 'the last step of its time axis' }),
    ...(settings?.options.score?.distribution !== undefined && {
      distribution: basename(settings.options.score.distribution),
    }),
    ...head.facts,
  };
}

function eventInfo({ rule, direction, head }: WatchedRule, index: number) {
  const { label, event, value, feature, on, off, minMs = 0, origin } = rule;
  return {
    ...(label === undefined ? { event } : { label }),
    head,
    ...(value !== undefined && { value }),
    ...(feature !== undefined && { feature }),
    when: direction,
    on,
    off,
    minMs,
    origin: origin ?? `the configuration, publish.events[${index}]`,
  };
}

/**
 * The `info` of a stream as JSON: what runs, on what, and what became of the saved state.
 *
 * @param boot number of this process' life
 * @param state what was found on flash
 */
export function streamInfo(stream: PreparedStream, boot: number, state: LoadResult): string {
  const { config, plan, labels, engine, target, fallbackReason } = stream;
  const { program } = stream.stepper;
  const { maxHz, onChange, batch, format } = config.publish;
  return JSON.stringify({
    ts: Date.now(),
    boot,
    version: packageVersion(),
    engine,
    target,
    ...(fallbackReason !== undefined && { engineFallback: fallbackReason }),
    model: { file: basename(config.model.file), origin: plan.origin, sha256: plan.sha256 },
    ...(plan.halfPrecision !== null && {
      halfPrecision: {
        ...plan.halfPrecision,
        expectedDifference: expectedDifference(plan.halfPrecision),
      },
    }),
    labels: labels.outputs,
    heads: stream.heads.map((head, i) => headInfo(head, stream.settings[i])),
    events: stream.events.map((watched, i) => eventInfo(watched, i)),
    ...(config.model.inputs !== undefined && { inputs: config.model.inputs }),
    ...(config.model.constants !== undefined && { constants: config.model.constants }),
    axes: config.sensor.axes,
    ...(config.features.steps.length > 0 && { features: streamFeatures(config) }),
    rateHz: sampleRateHz(config),
    ...(config.sensor.resample !== undefined && { sensorRateHz: config.sensor.rateHz }),
    weights: program.weights,
    mode: program.mode,
    window: plan.window,
    stride: program.stride,
    every: config.publish.every,
    ...(maxHz !== undefined && { maxHz }),
    ...(onChange !== undefined && { onChange }),
    ...(batch > 1 && { batch }),
    format,
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
