import type { StreamConfig } from '../config/schema.js';
import type { Log } from '../base/log.js';
import { SampleClock } from '../sensor/clock.js';
import { Conditioner } from '../sensor/conditioner.js';
import { CsvDecoder } from '../sensor/decoders/csv.js';
import { SerialLink } from '../sensor/links/serial/serial-link.js';
import { Sensor } from '../sensor/sensor.js';

/** The sensor that a stream's configuration describes. */
export function createSensor({ sensor, features }: StreamConfig, log: Log): Sensor {
  const { link, baudRate, rateHz, silenceMs, axes, columns } = sensor;
  return new Sensor({
    link: new SerialLink({ path: link, baudRate, rateHz, silenceMs }),
    decoder: new CsvDecoder({ axes, columns }),
    conditioner: new Conditioner(axes.length, features),
    clock: new SampleClock(rateHz),
    log,
  });
}
