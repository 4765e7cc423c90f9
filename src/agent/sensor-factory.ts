import type { Log } from '../base/log.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import { GapFiller } from '../sensor/gap-filler.js';
import type { Link } from '../sensor/links/link.js';
import { createLink } from '../sensor/links/registry.js';
import { Resampler } from '../sensor/resampler.js';
import { Sensor } from '../sensor/sensor.js';
import type { TimeSource } from '../sensor/time/epoch-clock.js';
import { SampleClock } from '../sensor/time/sample-clock.js';
import type { StreamConfig } from './config-schema.js';
import { createFeatureParts } from './feature-parts.js';

/** Parts of a sensor that are not as its configuration has them. */
export interface OtherParts {
  /** Takes what the decoder learns from the stream. */
  readonly onLearnt?: ((learnt: object) => void) | undefined;
  /** Says where the bytes come from, in place of the configured link. */
  readonly link?: Link | undefined;
  /** The clocks that samples are dated by, in place of the system's. */
  readonly time?: TimeSource | undefined;
  /** Bytes that were no sample for so long are told of. */
  readonly unreadMs?: number | undefined;
}

/** The sensor that a stream's configuration describes. */
export function createSensor(config: StreamConfig, log: Log, other: OtherParts = {}): Sensor {
  const { sensor, state } = config;
  const axes = sensor.axes.length;
  const decoder = createDecoder(sensor);
  const { conditioner, chain } = createFeatureParts(config, decoder.units);
  const clock = new SampleClock(sensor.rateHz, {
    device: decoder.deviceClock,
    ...(other.time !== undefined && { time: other.time }),
  });
  return new Sensor({
    link: other.link ?? createLink(sensor),
    decoder,
    conditioner,
    clock,
    filler: sensor.fill && new GapFiller(axes, clock.periodMs, sensor.fill),
    resampler: sensor.resample && new Resampler(axes, sensor.rateHz, sensor.resample.rateHz),
    chain,
    // Filters forget where the model does.
    resetAfterMs: state.onGap.then === 'reset' ? state.onGap.maxMs : Infinity,
    log,
    ...(other.unreadMs !== undefined && { unreadMs: other.unreadMs }),
    onLearnt: other.onLearnt,
  });
}

/** A stream's configuration without units, features, made-up samples and another rate: its samples are readings. */
export function readingConfig(config: StreamConfig): StreamConfig {
  const { sensor, model, features } = config;
  return {
    ...config,
    sensor: { ...sensor, units: undefined, fill: undefined, resample: undefined },
    features: { ...features, scale: 1, mean: 0, std: 1, steps: [], min: undefined, max: undefined },
    model: { ...model, units: undefined },
  };
}
