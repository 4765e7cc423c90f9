import { clipped, type EncoderDefinition } from './encoder.js';
import { framed, ModbusSlave } from './modbus-slave.js';

/** As a WitMotion WT901C485 leaves the factory: acceleration is in the registers from 0x34 on. */
const slave = 0x50;
const readHolding = 3;
const start = 0x34;
/** At its range of 16 g. */
const countsInG = 2048;

/** A slave that answers a poller, with an int16 a reading as WitMotion's RS-485 sensors have them. */
export const modbus: EncoderDefinition = {
  name: 'modbus',
  options: (axes) => ({
    slave,
    registers: Object.fromEntries(axes.map((axis, n) => [axis, { address: start + n }])),
  }),
  countsInG,
  resolution: 1,
  mostAxes: 12,
  create: (axes) => (row) => {
    const registers = Buffer.alloc(2 * axes);
    for (let axis = 0; axis < axes; axis += 1) {
      registers.writeInt16BE(clipped(row[axis] ?? 0, 16), 2 * axis);
    }
    return framed([slave, readHolding, registers.length, ...registers]);
  },
  answering: () => new ModbusSlave(slave, start),
};

/** A slave with a float32 in two registers for each reading, the one with the higher bits first. */
export const modbusFloat: EncoderDefinition = {
  name: 'modbus:float',
  options: (axes) => ({
    slave,
    registers: Object.fromEntries(
      axes.map((axis, n) => [axis, { address: start + 2 * n, type: 'float32' }]),
    ),
  }),
  resolution: 0,
  mostAxes: 12,
  create: (axes) => (row) => {
    const registers = Buffer.alloc(4 * axes);
    for (let axis = 0; axis < axes; axis += 1) {
      registers.writeFloatBE(row[axis] ?? 0, 4 * axis);
    }
    return framed([slave, readHolding, registers.length, ...registers]);
  },
  answering: () => new ModbusSlave(slave, start),
};
