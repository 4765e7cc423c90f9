import { z } from '../../../config/option-types.js';

/** `mqtt.homeAssistant`: present where Home Assistant is to find the device by itself. */
export const homeAssistantOptions = z
  .strictObject({
    prefix: z
      .string()
      .regex(/^[^+#\0]+$/, 'must not hold + or #')
      .default('homeassistant')
      .describe("Home Assistant's discovery prefix"),
    name: z.string().min(1).optional().describe('What the device is called there. Default: device'),
  })
  .optional()
  .describe('Has Home Assistant find the device and its streams: {} is enough');
