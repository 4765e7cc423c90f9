import type { Log } from '../base/log.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import { GapFiller } from '../sensor/gap-filler.js';
import type { Link } from '../sensor/links/link.js';
import { createLink } from '../sensor/links/registry.js';
import { Resampler } from '../sensor/resampler.js';
import { Sensor } from '../sensor/sensor.js';
import { SampleClock } from '../sensor/time/sample-clock.js';
import type { StreamConfig } from './config-schema.js';
import { createFeatureParts } from './feature-parts.js';

/**
 * The sensor that a stream's configuration describes.
 *
 * @param onLearnt takes what its decoder learns from the stream
 * @param link where its bytes come from, if not from a link of its own
 */
export function createSensor(
  config: StreamConfig,
  log: Log,
  onLearnt?: (learnt: object) => void,
  link: Link = createLink(config.sensor),
): Sensor {
  const { sensor, state } = config;
  const axes = sensor.axes.length;
  const decoder = createDecoder(sensor);
  const { conditioner, chain } = createFeatureParts(config, decoder.units);
  const clock = new SampleClock(sensor.rateHz, { device: decoder.deviceClock });
  return new Sensor({
    link,
    decoder,
    conditioner,
    clock,
    filler: sensor.fill && new GapFiller(axes, clock.periodMs, sensor.fill),
    resampler: sensor.resample && new Resampler(axes, sensor.rateHz, sensor.resample.rateHz),
    chain,
    // Filters forget where the model does.
    resetAfterMs: state.onGap.then === 'reset' ? state.onGap.maxMs : Infinity,
    log,
    onLearnt,
  });
}
