import type { TestContext } from 'node:test';
import { convertedSource } from '#src/simulator/converted-source.js';
import { encoderNamed } from '#src/simulator/encoders/registry.js';
import { noFaults, type Faults } from '#src/simulator/faults/faults.js';
import { FaultyPort } from '#src/simulator/faults/faulty-port.js';
import { Wire } from '#src/simulator/faults/wire.js';
import type { Activity } from '#src/simulator/motion/gait.js';
import { MotionSource } from '#src/simulator/motion-source.js';
import { Random } from '#src/simulator/motion/random.js';
import { SensorSimulator } from '#src/simulator/sensor-simulator.js';
import { TestPty } from './pty.js';

export interface SimulatedSensor {
  /** Name of an encoder. */
  readonly format: string;
  readonly baud: number;
  readonly rateHz: number;
  readonly faults?: Partial<Faults>;
  /** Holds what its wearer does all the time; by default one thing after another. */
  readonly activity?: Activity;
}

/** A three-axis accelerometer at a baud on a pseudo-terminal, until the test is over; returns the path of its port. */
export function simulate(
  t: TestContext,
  { format, baud, rateHz, faults, activity }: SimulatedSensor,
): string {
  const pty = new TestPty(t);
  pty.port.plug();
  const encoder = encoderNamed(format);
  const motion = new MotionSource({
    seed: 1,
    rateHz,
    ...(activity === undefined ? {} : { activity }),
  });
  const unit = encoder.countsInG ?? encoder.unit ?? 'mg';
  const all = { ...noFaults, ...faults };
  const simulator = new SensorSimulator({
    source: unit === 'mg' ? motion : convertedSource(motion, 'mg', unit),
    port: new FaultyPort(pty.port, new Wire(all, new Random(1), baud), all),
    rateHz,
    speed: 1,
    encoder: encoder.create(3, 1000 / rateHz),
  });
  simulator.start();
  t.after(() => simulator.stop());
  return pty.path;
}
