import { z } from '../../../config/option-types.js';
import { defineDecoder } from '../definition.js';
import { ModbusDecoder } from './modbus-decoder.js';
import { mapFaults, registerTypes } from './register-map.js';

const register = z.strictObject({
  address: z.number().int().min(0).max(0xffff).describe('As it goes over the wire, from 0'),
  type: z
    .enum(registerTypes)
    .default('int16')
    .describe('int32, uint32 and float32 are two registers'),
  wordOrder: z
    .enum(['big', 'little'])
    .default('big')
    .describe('Which of two registers comes first: big is the one with the higher bits'),
});

/** Registers of a slave over Modbus RTU, which is asked once a period of `sensor.rateHz`. */
export const modbus = defineDecoder({
  name: 'modbus',
  options: {
    slave: z.number().int().min(1).max(247).default(1).describe('Number of the slave on the line'),
    function: z.literal([3, 4]).default(3).describe('3 reads holding registers, 4 input registers'),
    registers: z
      .record(z.string(), register)
      .describe('Register of each axis by its name, such as { x: { address: 0x34 }, ... }'),
    answerTimeoutMs: z
      .number()
      .positive()
      .max(60_000)
      .default(300)
      .describe('An answer that has not come after so long is given up, and its row is lost'),
    turnaroundMs: z
      .number()
      .min(0)
      .max(10_000)
      .default(5)
      .describe('Silence on the line before a request: 3.5 characters at least, 4 ms at 9600 baud'),
  },
  faults: ({ axes, registers }) => mapFaults(axes, registers),
  create: (options) => new ModbusDecoder(options),
});
