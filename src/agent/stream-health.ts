import type { Sensor } from '../sensor/sensor.js';
import type { StateStoreStats } from '../state/state-store.js';
import type { StreamSteps } from './stream-steps.js';

/** The counters of a stream. */
export interface StreamHealth {
  readonly connected: boolean;
  /** Samples that the state has seen. */
  readonly samples: number;
  /** Samples a second as they come; see `Sensor.measuredHz`. */
  readonly measuredHz: Sensor['measuredHz'];
  /** How the times of samples are known, and how good they are. */
  readonly timing: Sensor['timing'];
  readonly steps: StreamSteps['counters'];
  readonly published: StreamSteps['published'];
  readonly drift: StreamSteps['drift'];
  readonly sensor: Sensor['counters'];
  readonly state: StateStoreStats;
}

/** Puts together what the parts of a stream count. */
export function healthOf(sensor: Sensor, steps: StreamSteps, state: StateStoreStats): StreamHealth {
  return {
    connected: sensor.connected,
    samples: steps.prepared.stepper.sampleCount,
    measuredHz: sensor.measuredHz,
    timing: sensor.timing,
    steps: steps.counters,
    published: steps.published,
    drift: steps.drift,
    sensor: sensor.counters,
    state,
  };
}
