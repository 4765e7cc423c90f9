import type { StreamHealth } from '../../agent/stream-health.js';
import { sampleRateHz } from '../../agent/stream-features.js';
import { unreadCounts } from '../../agent/unread-counts.js';
import type { DriftFigures } from '../../drift/watched-number.js';
import type { Family, StreamNow, Value } from './family.js';

/** One number of each stream. */
function ofStream(
  name: string,
  help: string,
  value: (health: StreamHealth, stream: StreamNow) => Value,
): Family {
  return {
    name,
    help,
    labels: ['stream'],
    report: ({ streams }, report) => {
      for (const stream of streams) {
        report(value(stream.health, stream), stream.name);
      }
    },
  };
}

/** Numbers of each stream by a name, such as what a decoder has counted. */
function byName(
  name: string,
  help: string,
  label: string,
  each: (health: StreamHealth) => Readonly<Record<string, number>>,
): Family {
  return {
    name,
    help,
    labels: ['stream', label],
    report: ({ streams }, report) => {
      for (const stream of streams) {
        for (const [key, count] of Object.entries(each(stream.health))) {
          report(count, stream.name, key);
        }
      }
    },
  };
}

function counted({ sensor }: StreamHealth, part: string, name: string): number | undefined {
  return sensor[part]?.[name];
}

/** A figure of the last whole window of each feature and output. */
function ofDrift(name: string, help: string, figure: (numbers: DriftFigures) => Value): Family {
  return {
    name,
    help,
    labels: ['stream', 'kind', 'name'],
    report: ({ streams }, report) => {
      for (const stream of streams) {
        for (const numbers of stream.health.drift.numbers) {
          report(figure(numbers), stream.name, numbers.kind, numbers.name);
        }
      }
    },
  };
}

/** The way of a sample through a stream, from the link to the policy, and its state on flash. */
export const streamFamilies: readonly Family[] = [
  {
    name: 'lstmd_stream_info',
    help: 'What runs in a stream; always 1.',
    labels: ['stream', 'model', 'model_sha256', 'mode', 'engine', 'target', 'tasks'],
    report: ({ streams }, report) => {
      for (const { name, prepared } of streams) {
        const { plan, stepper, engine, target, heads } = prepared;
        const tasks = [...new Set(heads.map(({ task }) => task))].join(',');
        report(1, name, plan.name, plan.sha256, stepper.program.mode, engine, target, tasks);
      }
    },
  },
  ofStream('lstmd_sensor_connected', 'Whether the link to the sensor is open.', (health) =>
    Number(health.connected),
  ),
  byName(
    'lstmd_link_events_total',
    'Events of the link to the sensor, by their name: opens, hangUps, silences, openErrors.',
    'event',
    ({ sensor }) => {
      const { bytes: _, ...events } = sensor['link'] ?? {};
      return events;
    },
  ),
  ofStream('lstmd_sensor_bytes_total', 'Bytes of the sensor.', (health) =>
    counted(health, 'decoder', 'bytes'),
  ),
  ofStream(
    'lstmd_sensor_rows_total',
    'Lines or frames of the sensor that were read as rows.',
    (health) => counted(health, 'decoder', 'rows'),
  ),
  byName(
    'lstmd_sensor_unread_total',
    'Lines or frames that were not read as rows, by reason.',
    'reason',
    unreadCounts,
  ),
  byName(
    'lstmd_sensor_refused_total',
    'Rows with a reading out of bounds or not finite, by reason.',
    'reason',
    ({ sensor }) => sensor['conditioner'] ?? {},
  ),
  ofStream('lstmd_samples_total', 'Samples that were passed to the model.', (health) =>
    counted(health, 'samples', 'passed'),
  ),
  ofStream('lstmd_samples_filled_total', 'Samples made up in short gaps.', (health) =>
    counted(health, 'samples', 'filled'),
  ),
  ofStream('lstmd_sensor_rate_hertz', 'Rows a second as they come.', (health) => health.measuredHz),
  ofStream(
    'lstmd_sensor_rate_expected_hertz',
    'Rows a second as configured: sensor.rateHz.',
    (_, { prepared }) => prepared.config.sensor.rateHz,
  ),
  ofStream('lstmd_sample_rate_hertz', 'Samples a second that the model gets.', (_, { prepared }) =>
    sampleRateHz(prepared.config),
  ),
  ofStream(
    'lstmd_steps_total',
    'Samples that the model was stepped with.',
    (health) => health.steps.steps,
  ),
  byName(
    'lstmd_state_resets_total',
    'Times that the state was reset, by reason: gap (samples were missing for too long), exploded.',
    'reason',
    ({ steps }) => ({ gap: steps.gapResets, exploded: steps.exploded }),
  ),
  ofStream(
    'lstmd_samples_refused_total',
    'Samples that the model cannot take: not finite, or no index of its Embedding.',
    (health) => health.steps.refused,
  ),
  ofStream('lstmd_outputs_total', 'Outputs of the model.', (health) => health.published.outputs),
  ofStream(
    'lstmd_outputs_not_finite_total',
    'Outputs with NaN or infinity, which are not published.',
    (health) => health.published.notFinite,
  ),
  byName('lstmd_published_total', 'Records that were made, by kind.', 'kind', ({ published }) => ({
    prediction: published.predictions,
    event: published.events,
  })),
  ofStream(
    'lstmd_state_samples',
    'Samples that the state has seen, over restarts.',
    (health) => health.samples,
  ),
  ofStream('lstmd_checkpoints_total', 'States that are on flash.', (health) => health.state.saves),
  ofStream(
    'lstmd_checkpoint_failures_total',
    'States that could not be saved.',
    (health) => health.state.failures,
  ),
  ofStream(
    'lstmd_checkpoint_failing',
    'Saves that failed since the last one that went well.',
    (health) => health.state.failing,
  ),
  ofStream(
    'lstmd_checkpoint_bytes_total',
    'Bytes of states written to flash.',
    (health) => health.state.bytesWritten,
  ),
  ofStream(
    'lstmd_checkpoint_interval_seconds',
    'How often the state is saved while it changes: state.checkpointSeconds.',
    (_, { prepared }) => prepared.config.state.checkpointSeconds,
  ),
  ofDrift(
    'lstmd_drift_population_stability_index',
    'How far a feature or an output is from the reference, in the last window: above 0.25 it is another.',
    ({ stabilityIndex }) => stabilityIndex,
  ),
  ofDrift(
    'lstmd_drift_out_of_range_ratio',
    'Share of a feature or an output outside of what the model was trained on, in the last window.',
    ({ outOfRange }) => outOfRange,
  ),
  ofDrift(
    'lstmd_drift_mean',
    'Mean of a feature, an output or the entropy of outputs, in the last window.',
    ({ mean }) => mean,
  ),
];
