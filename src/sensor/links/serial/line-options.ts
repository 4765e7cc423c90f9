import { z } from '../../../config/option-types.js';

/** How a serial line is set, on this machine or on one that serves it by RFC 2217. */
export const lineOptions = {
  baudRate: z.int().positive().default(115200).describe('Bits a second that the sensor sends at'),
  dataBits: z
    .union([z.literal(7), z.literal(8)])
    .default(8)
    .describe('Bits of a byte on the line'),
  parity: z
    .enum(['none', 'even', 'odd'])
    .default('none')
    .describe('Parity bit of a byte on the line'),
  stopBits: z
    .union([z.literal(1), z.literal(2)])
    .default(1)
    .describe('Stop bits behind a byte on the line'),
};

/** A serial line's settings. */
export interface LineSettings {
  readonly baudRate: number;
  readonly dataBits?: 7 | 8 | undefined;
  readonly parity?: 'none' | 'even' | 'odd' | undefined;
  readonly stopBits?: 1 | 2 | undefined;
}
