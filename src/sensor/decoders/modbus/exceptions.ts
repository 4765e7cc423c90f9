/** Exceptions by their code (MODBUS Application Protocol 1.1b3, section 7), and what may be done. */
const exceptions: ReadonlyMap<number, string> = new Map([
  [1, 'illegal function: set sensor.function to 3 (holding registers) or 4 (input registers)'],
  [2, 'illegal data address: sensor.registers, or one between them, is none that it has'],
  [3, 'illegal data value: it cannot give so many registers at once'],
  [4, 'slave device failure: the sensor has failed'],
  [5, 'acknowledge: it needs longer, and answers no reading'],
  [6, 'slave device busy: ask less often by sensor.rateHz'],
  [8, 'memory parity error: the sensor has failed'],
  [10, 'gateway path unavailable: the gateway is not set up for this slave'],
  [11, 'gateway target failed to respond: no sensor with this slave number is behind the gateway'],
]);

/** An exception in words. */
export function exceptionText(code: number): string {
  return `exception ${code}, ${exceptions.get(code) ?? 'which the protocol does not know'}`;
}
