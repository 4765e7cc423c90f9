import type { IClientOptions } from '../../mqtt-client/library.js';
import { ownConnections } from '../../mqtt-client/own-connections.js';
import { ClientIds } from './wire/client-ids.js';
import type { Qos } from '../prediction/record.js';

export type ProtocolVersion = '5' | '3.1.1';

export interface SessionOptions {
  readonly clientId: string;
  readonly version: ProtocolVersion;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly keepaliveSeconds: number;
  /** How long the broker may take to answer the CONNECT. */
  readonly connackTimeoutMs: number;
  /** How long the broker may take to answer a publish. */
  readonly answerTimeoutMs: number;
  readonly will: Will;
}

/** The message that the broker publishes for us when our connection breaks. */
export interface Will {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** It is published only after so long without a connection, which MQTT 5 alone can tell. */
  readonly delaySeconds: number;
}

/** The largest packet that a broker may send: answers are short, and so are commands. */
export const maximumAnswerBytes = 1024 * 1024;

/** The options of the client library for one connection with a clean session. */
export function clientOptions(options: SessionOptions): IClientOptions {
  const isVersion5 = options.version === '5';
  const isDelayed = isVersion5 && options.will.delaySeconds > 0;
  return {
    protocolId: 'MQTT',
    protocolVersion: isVersion5 ? 5 : 4,
    clean: true,
    clientId: options.clientId,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    keepalive: options.keepaliveSeconds,
    connectTimeout: options.connackTimeoutMs,
    will: {
      topic: options.will.topic,
      payload: bytesOf(options.will.payload),
      qos: options.will.qos,
      retain: options.will.retain,
      ...(isDelayed && { properties: { willDelayInterval: options.will.delaySeconds } }),
    },
    ...(isVersion5 && {
      properties: {
        // A broker passes over what is larger, where it would otherwise cost the connection, each time anew.
        maximumPacketSize: maximumAnswerBytes,
        // The will is published when the session ends, if that is sooner.
        ...(isDelayed && { sessionExpiryInterval: options.will.delaySeconds }),
      },
    }),
    messageIdProvider: new ClientIds(),
    ...ownConnections,
  };
}

function bytesOf(payload: string | Uint8Array): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload);
}
