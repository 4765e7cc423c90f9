import { path, z } from '../../config/option-types.js';
import { isEncrypted, urlsOf } from '../../mqtt-client/broker-address.js';
import { homeAssistantOptions } from './home-assistant/options.js';
import { sparkplugOptions } from './sparkplug/options.js';
import { outboxOptions } from '../outbox/contract/options.js';

/** Returns the client id of a device; a default of the schema would not know the device. */
export function clientIdOf(
  mqtt: { readonly clientId?: string | undefined },
  device: string,
): string {
  return mqtt.clientId ?? `lstmd-${device}`;
}

const brokerUrl = z
  .string()
  .regex(
    /^(mqtts?:\/\/[^/\s]+|wss?:\/\/[^\s]+)$/,
    'must be mqtt://host[:port], mqtts://host[:port], ws://host[:port][/path] or wss://host[:port][/path]',
  )
  .refine((url) => !url.includes('@'), {
    message: 'must hold no credentials: use username and passwordFile',
  });

/** The `mqtt` section of a configuration. */
export const mqttOptions = z
  .strictObject({
    url: z
      .union([brokerUrl, z.array(brokerUrl).min(1)])
      .describe(
        'Address of the broker: mqtt://host[:port], mqtts:// for TLS, ws:// or wss:// for WebSockets; or a list of those of a cluster, of which the next is tried where one is not there',
      ),
    username: z.string().min(1).optional().describe('The name that the broker knows us by'),
    passwordFile: path
      .optional()
      .describe('Read at each connection. Default: the systemd credential mqtt-password'),
    ca: path
      .optional()
      .describe(
        'PEM file of the authority that signed the broker, read at each connection. Default: the credential mqtt-ca, else the authorities of Node',
      ),
    cert: path
      .optional()
      .describe(
        'PEM file of the client certificate, read at each connection. Default: the credential mqtt-cert',
      ),
    key: path.optional().describe('PEM file of its key. Default: the credential mqtt-key'),
    prefix: z
      .string()
      .regex(/^[^+#\0]+$/, 'must not hold + or #')
      .default('lstmd')
      .describe('What all topics begin with: <prefix>/<device>/...'),
    clientId: z
      .string()
      .min(1)
      .max(65535)
      .optional()
      .describe('What the broker tells clients apart by. Default: lstmd-<device>'),
    protocol: z
      .enum(['5', '3.1.1'])
      .default('5')
      .describe('5 falls back where the broker has only 3.1.1'),
    willDelaySeconds: z
      .int()
      .nonnegative()
      .max(86_400)
      .default(0)
      .describe(
        'In MQTT 5 the broker says offline only after so long without a connection, and keeps the session as long',
      ),
    qos: z
      .union([z.literal(0), z.literal(1), z.literal(2)])
      .default(1)
      .describe('Of records. 1 and 2: each is delivered at least once; 0: at most once'),
    keepaliveSeconds: z
      .int()
      .positive()
      .max(65535)
      .default(30)
      .describe('A ping is sent after so long a silence'),
    homeAssistant: homeAssistantOptions,
    sparkplug: sparkplugOptions,
    outbox: outboxOptions,
  })
  .superRefine((mqtt, context) => {
    const fault = (option: string, message: string) =>
      context.addIssue({ code: 'custom', path: [option], message });
    if ((mqtt.cert === undefined) !== (mqtt.key === undefined)) {
      fault(
        mqtt.cert === undefined ? 'cert' : 'key',
        'is missing: cert and key go together, both as options or both as credentials',
      );
    }
    if (mqtt.passwordFile !== undefined && mqtt.username === undefined) {
      fault('username', 'is missing: passwordFile needs it');
    }
    if (!urlsOf(mqtt.url).some(isEncrypted) && (mqtt.ca ?? mqtt.cert) !== undefined) {
      fault('url', 'is not encrypted, yet ca or cert is given: mqtts:// or wss://');
    }
    if (mqtt.sparkplug !== undefined && mqtt.homeAssistant !== undefined) {
      fault('homeAssistant', 'reads JSON, which sparkplug takes the place of: one of the two');
    }
    if (mqtt.sparkplug !== undefined && mqtt.qos === 2) {
      fault('qos', 'is 2, and Sparkplug B publishes data at QoS 0: leave it out');
    }
  })
  .describe('The broker that records go to, and what waits for it');
