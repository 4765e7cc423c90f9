import { randomBytes } from 'node:crypto';
import { AskedPackets } from '../../../mqtt-client/asked-packets.js';
import { MqttClient } from '../../../mqtt-client/library.js';
import { ownConnections } from '../../../mqtt-client/own-connections.js';
import { parseBrokerUrl } from '../../../mqtt-client/broker-address.js';
import {
  connectionFault,
  openBrokerSocket,
  secureContext,
} from '../../../mqtt-client/broker-socket.js';
import { ConnectRefusedError } from '../../../mqtt-client/connect-refused-error.js';
import { readSecrets } from '../../../mqtt-client/secrets.js';
import type { TopicAddress } from './address.js';
import { feedSecrets } from './feed-secrets.js';
import type { FeedSection } from './options.js';

/** A message of a sensor is some lines or frames; what is larger is not collected in memory. */
const maximumMessageBytes = 1024 * 1024;
/** Time for the socket, and again for the answers of the broker. */
const answerMs = 20_000;

/** Takes what a connection brings. */
export interface ConnectionSink {
  message(topic: string, payload: Uint8Array, isRetained: boolean): void;
  /** The broker has answered a ping: the connection is alive, however silent the devices are. */
  pinged(): void;
}

/** A connection with its subscription in place. */
export interface Connection {
  /** Resolves with the reason, in words, when it is over. */
  readonly ended: Promise<string>;
  /** Drops it; `ended` resolves. */
  close(): void;
}

/**
 * Connects with a clean session and subscribes.
 *
 * @throws Error in words that say what to do
 */
export async function connectFeed(
  { url, topic }: TopicAddress,
  section: FeedSection,
  sink: ConnectionSink,
  signal: AbortSignal,
): Promise<Connection> {
  const address = parseBrokerUrl(url);
  const { password, ...tls } = await readSecrets(feedSecrets(section), signal);
  const limit = AbortSignal.timeout(answerMs);
  const context = address.tls ? await secureContext(tls) : undefined;
  const socket = await openBrokerSocket(address, context, AbortSignal.any([signal, limit]));
  const { username, clientId = `lstmd-in-${randomBytes(6).toString('hex')}` } = section;
  const client = new MqttClient(() => socket, {
    protocolId: 'MQTT',
    protocolVersion: section.protocol === '5' ? 5 : 4,
    clean: true,
    clientId,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    keepalive: section.keepaliveSeconds,
    connectTimeout: answerMs,
    ...ownConnections,
  });
  let fault: unknown;
  const drop = (reason?: unknown): void => {
    fault ??= reason;
    client.end(true);
    socket.destroy();
  };
  client.on('error', drop);
  socket.on('error', (error) => {
    fault ??= error;
  });
  const ended = new Promise<string>((resolve) => {
    client.once('close', () =>
      resolve(fault === undefined ? 'the broker closed it' : connectionFault(fault)),
    );
  });
  let unparsedBytes = 0;
  socket.on('data', (chunk: Buffer) => {
    unparsedBytes += chunk.length;
    if (unparsedBytes > maximumMessageBytes) {
      drop(new Error(`a message on ${topic} is larger than ${maximumMessageBytes} bytes`));
    }
  });
  const asked = new AskedPackets();
  asked.subscribed(topic);
  client.on('packetsend', (packet) => asked.sent(packet));
  client.on('packetreceive', (packet) => {
    unparsedBytes = 0;
    const { cmd } = packet;
    if (cmd === 'pingresp') {
      sink.pinged();
    } else if (cmd !== 'connack' && !asked.isAsked(packet)) {
      drop(new Error(`the broker sent a ${cmd} packet, for which nobody had asked`));
    }
  });
  client.on('message', (from, payload, { retain }) => {
    // What the client has read already comes also after the end.
    if (fault === undefined) {
      sink.message(from, payload, retain);
    }
  });
  const abort = (): void => drop(new Error('stopped'));
  signal.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => drop(new Error('the broker does not answer')), answerMs);
  try {
    await Promise.race([
      subscribed(client, topic, section.qos),
      ended.then((reason) => {
        throw new Error(`${address.text}: ${reason}${refusalHint(fault)}`);
      }),
    ]);
  } catch (error) {
    drop(error);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
  return { ended, close: () => drop(new Error('stopped')) };
}

/** @throws Error where the broker refuses the subscription */
function subscribed(client: MqttClient, topic: string, qos: 0 | 1): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => {
      client.subscribe(topic, { qos }, (error, granted = []) => {
        if (error !== null || granted.some((grant) => grant.qos >= 0x80)) {
          reject(
            new Error(
              `the broker refuses the subscription to ${topic}: look at its access list for this user and client id`,
            ),
          );
        } else {
          resolve();
        }
      });
    });
  });
}

function refusalHint(fault: unknown): string {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  const isRefused = typeof code === 'number' && new ConnectRefusedError('', code).isAccessRefused;
  return isRefused ? ': look at sensor.mqtt.username and passwordFile' : '';
}
