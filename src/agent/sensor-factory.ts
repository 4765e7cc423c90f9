import type { Log } from '../base/log.js';
import { SampleClock } from '../sensor/clock.js';
import { Conditioner } from '../sensor/conditioner.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import { createLink } from '../sensor/links/registry.js';
import { Sensor } from '../sensor/sensor.js';
import { unitFactors } from '../units/conversion.js';
import type { StreamConfig } from './config-schema.js';

/**
 * The sensor that a stream's configuration describes.
 *
 * @param onLearnt takes what its decoder learns from the stream
 */
export function createSensor(
  { sensor, features, model }: StreamConfig,
  log: Log,
  onLearnt?: (learnt: object) => void,
): Sensor {
  const units = unitFactors(sensor.axes.length, sensor.units, model.units);
  return new Sensor({
    link: createLink(sensor),
    decoder: createDecoder(sensor),
    conditioner: new Conditioner(sensor.axes.length, { ...features, unitFactors: units }),
    clock: new SampleClock(sensor.rateHz),
    log,
    onLearnt,
  });
}
