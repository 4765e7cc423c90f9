import { Conditioner } from '../sensor/conditioner.js';
import { unitFactors } from '../units/conversion.js';
import type { StreamConfig } from './config-schema.js';

/** What makes features of the readings of a stream, as its configuration says. */
export function createConditioner({ sensor, features, model }: StreamConfig): Conditioner {
  const units = unitFactors(sensor.axes.length, sensor.units, model.units);
  return new Conditioner(sensor.axes.length, { ...features, unitFactors: units });
}
