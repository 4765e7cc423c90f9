import { urlHost } from '../base/url-host.js';
import type { z } from '../config/option-types.js';
import { parseBrokerUrl, urlsOf } from '../mqtt-client/broker-address.js';
import { clientIdOf, type mqttOptions } from '../publish/mqtt/options.js';
import type { Topics } from '../publish/mqtt/topics.js';

/** The brokers that a device may be connected to, without anything that is secret. */
export function servers(
  mqtt: z.output<typeof mqttOptions>,
  device: string,
  topics: Topics,
): object {
  const security = [
    ...(mqtt.username === undefined ? [] : [{ type: 'userPassword' }]),
    ...(mqtt.cert === undefined ? [] : [{ type: 'X509' }]),
  ];
  return Object.fromEntries(
    urlsOf(mqtt.url).map((url, i) => [
      `broker${i === 0 ? '' : i + 1}`,
      {
        ...addressOf(url),
        protocolVersion: mqtt.protocol,
        ...(security.length > 0 && { security }),
        bindings: {
          mqtt: {
            clientId: clientIdOf(mqtt, device),
            keepAlive: mqtt.keepaliveSeconds,
            lastWill: { topic: topics.status, qos: 1, retain: true },
            bindingVersion: '0.2.0',
          },
        },
      },
    ]),
  );
}

function addressOf(url: string): object {
  const { host, port, tls, webSocketPath } = parseBrokerUrl(url);
  const protocol = webSocketPath === undefined ? 'mqtt' : 'ws';
  return {
    host: urlHost(host, port),
    protocol: tls ? { mqtt: 'secure-mqtt', ws: 'wss' }[protocol] : protocol,
    // The query of a WebSocket address may be a token.
    ...(webSocketPath !== undefined && { pathname: webSocketPath.replace(/\?.*$/, '') }),
  };
}
