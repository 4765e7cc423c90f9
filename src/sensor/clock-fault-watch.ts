import type { DeviceClock } from './decoders/decoder.js';
import type { ClockFault } from './time/device-clock-watch.js';
import type { SampleClock } from './time/sample-clock.js';

/** Tells once when a sensor's own time contradicts the arrivals of its rows. */
export class ClockFaultWatch {
  readonly #clock: SampleClock;
  readonly #device: DeviceClock;
  readonly #say: (fields: object, message: string) => void;
  #fault: ClockFault | undefined;

  constructor(
    clock: SampleClock,
    device: DeviceClock,
    say: (fields: object, message: string) => void,
  ) {
    this.#clock = clock;
    this.#device = device;
    this.#say = say;
  }

  /** Looks whether the clock has found a fault since. */
  look(): void {
    const { fault, periodMs } = this.#clock;
    if (fault !== this.#fault) {
      this.#fault = fault;
      if (fault !== undefined) {
        this.#say({ ...fault }, clockFaultText(fault, 1000 / periodMs, this.#device));
      }
    }
  }
}

/**
 * Says how a sensor's own time contradicts the arrivals of its rows, what becomes of them, and what to set.
 *
 * @param rateHz the rate that the configuration says
 */
function clockFaultText(fault: ClockFault, rateHz: number, device: DeviceClock): string {
  const rowsHz = rounded(fault.rowsHz);
  if (fault.kind === 'time') {
    const advice =
      device.time?.advice?.(fault.ratio) ??
      'is the unit of its time another, or does the firmware count something else?';
    return `the sensor's own time goes ${timesAsFast(fault.ratio)} as this machine's, so that its rows are timed by their arrival: ${advice}`;
  }
  if (fault.ratio < 1) {
    return (
      `the sensor's counter rises ${rounded(fault.ratio)} a row, so that its rows are timed by their arrival and none is known to be missing: ` +
      'have the firmware count each row, or leave the counter out of sensor.frame'
    );
  }
  return (
    `the sensor's counter rises ${rounded(fault.ratio)} a row, ${rounded(fault.ratio * fault.rowsHz)} a second, where ${rowsHz} rows a second come and sensor.rateHz is ${rounded(rateHz)}: ` +
    'rows are timed by their arrival and none is known to be missing. Where it counts something else, have the firmware count rows, ' +
    'or leave the counter out of sensor.frame; where most rows are lost on the way, raise the baud rate and set sensor.rateHz to what the sensor samples'
  );
}

function timesAsFast(ratio: number): string {
  return ratio >= 1 ? `${rounded(ratio)} times as fast` : `${rounded(1 / ratio)} times as slowly`;
}

/** Three digits, without an exponent. */
function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
