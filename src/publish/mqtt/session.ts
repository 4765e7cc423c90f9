import type { Socket } from 'node:net';
import { MqttClient, ReasonCodes, type IClientOptions, type IClientPublishOptions } from 'mqtt';
import { connectionFault } from './broker-socket.js';
import type { Qos } from '../outbox/record.js';

export type ProtocolVersion = '5' | '3.1.1';

const maximumAnswerBytes = 1024 * 1024;

/**
 * A 3.1.1 broker does not say how many it takes. Mosquitto takes 20 by default, and leaves a QoS 2
 * publish beyond them without an answer for ever.
 */
const unstatedReceiveMaximum = 20;

export interface SessionOptions {
  readonly clientId: string;
  readonly version: ProtocolVersion;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly keepaliveSeconds: number;
  /** How long the broker may take to answer the CONNECT. */
  readonly connackTimeoutMs: number;
  /** Published by the broker when this connection breaks. */
  readonly will: Will;
}

/** Retained at QoS 1, wherever the broker takes that. */
export interface Will {
  readonly topic: string;
  readonly payload: string;
  readonly qos: Qos;
  readonly retain: boolean;
}

/** What the broker allows. */
export interface BrokerLimits {
  /** Unacknowledged publishes. */
  readonly receiveMaximum: number;
  readonly maximumQos: Qos;
  readonly retainAvailable: boolean;
  readonly maximumPacketBytes: number;
}

/** A CONNACK other than success, or none at all. */
export class ConnectRefusedError extends Error {
  /** Reason or return code of the CONNACK; undefined when none came. */
  readonly code: number | undefined;

  constructor(message: string, code: number | undefined) {
    super(message);
    this.code = code;
  }

  /** The broker takes no retained messages, our will among them. */
  get isRetainRefused(): boolean {
    return this.code === 0x9a;
  }

  /** The broker takes no will of that QoS. */
  get isQosRefused(): boolean {
    return this.code === 0x9b;
  }

  /** 1 is 3.1.1's code for it, which 3.1.1 brokers also answer to a version 5 CONNECT; 0x84 is 5's. */
  get isVersionRefused(): boolean {
    return this.code === 1 || this.code === 0x84;
  }
}

/** Told of a publish: nothing when it is done, why when the broker refused it. */
export type PublishDone = (refusal: string | undefined) => void;

/**
 * One MQTT connection, from its CONNACK to its end. It does not come back: the next is a
 * new one, with a clean session, and what this one did not deliver is its owner's to resend.
 */
export class Session {
  readonly limits: BrokerLimits;
  /** Resolves with why, when the connection is over. Never rejects. */
  readonly closed: Promise<string>;
  readonly #client: MqttClient;
  readonly #version: ProtocolVersion;
  readonly #publishOptions = new Map<number, IClientPublishOptions>();

  private constructor(
    client: MqttClient,
    version: ProtocolVersion,
    limits: BrokerLimits,
    closed: Promise<string>,
  ) {
    this.#client = client;
    this.#version = version;
    this.limits = limits;
    this.closed = closed;
  }

  /** @throws ConnectRefusedError when the broker says no, or nothing */
  static async open(socket: Socket, options: SessionOptions): Promise<Session> {
    const client = new MqttClient(() => socket, clientOptions(options));
    let fault: unknown;
    // After a packet that makes no sense nothing on this connection can be trusted.
    client.on('error', (error) => {
      fault ??= error;
      socket.destroy();
    });
    // We subscribe to nothing: all that a broker may send are short answers.
    let unparsedBytes = 0;
    client.on('packetreceive', () => {
      unparsedBytes = 0;
    });
    socket.on('data', (chunk: Buffer) => {
      unparsedBytes += chunk.length;
      if (unparsedBytes <= maximumAnswerBytes) {
        return;
      }
      fault ??= new Error('the broker sends a packet larger than any answer');
      socket.destroy();
    });
    client.on('disconnect', (packet) => {
      const code = packet.reasonCode ?? 0;
      const words: Readonly<Record<number, string>> = ReasonCodes;
      fault ??= new Error(`the broker ended it: ${words[code] ?? `reason code ${code}`}`);
    });
    // Over TLS 1.3 a broker refuses our certificate only now.
    socket.on('error', (error) => {
      fault ??= error;
    });
    const closed = new Promise<string>((resolve) => {
      client.once('close', () => resolve(wordsFor(fault)));
    });
    const limits = await new Promise<BrokerLimits>((resolve, reject) => {
      client.once('connect', ({ properties }) =>
        resolve({
          receiveMaximum:
            properties?.receiveMaximum ??
            (options.version === '5' ? 65_535 : unstatedReceiveMaximum),
          maximumQos: properties?.maximumQoS === 0 ? 0 : properties?.maximumQoS === 1 ? 1 : 2,
          retainAvailable: properties?.retainAvailable ?? true,
          maximumPacketBytes: properties?.maximumPacketSize ?? 268_435_455,
        }),
      );
      client.once('close', () => reject(new ConnectRefusedError(wordsFor(fault), codeOf(fault))));
    });
    return new Session(client, options.version, limits, closed);
  }

  /**
   * @param expirySeconds how long the broker may keep it for a subscriber, where MQTT 5 can
   *   say so; 0 for ever
   * @param done called at most once, and not at all when the connection breaks first
   */
  publish(
    topic: string,
    payload: string,
    qos: Qos,
    retain: boolean,
    expirySeconds: number,
    done: PublishDone,
  ): void {
    const options = this.#options(qos, retain, expirySeconds);
    this.#client.publish(topic, payload, options, (error) => {
      if (!error) {
        done(undefined);
      } else if (codeOf(error) !== undefined) {
        done(error.message);
      }
      // An error without a reason code is a broken connection, of which `closed` tells.
    });
  }

  /** Sends DISCONNECT, upon which the broker forgets the will. `closed` resolves when it is done. */
  end(): void {
    this.#client.end();
  }

  /** Drops the connection at once, for the broker to publish the will. */
  destroy(): void {
    this.#client.end(true);
    this.#client.stream.destroy();
  }

  /** Options by what sets them apart: an object a publish would be garbage at the rate of the samples. */
  #options(qos: Qos, retain: boolean, expirySeconds: number): IClientPublishOptions {
    const key = (expirySeconds * 3 + qos) * 2 + (retain ? 1 : 0);
    let options = this.#publishOptions.get(key);
    if (options === undefined) {
      options = { qos, retain: retain && this.limits.retainAvailable };
      if (this.#version === '5') {
        options.properties = {
          contentType: 'application/json',
          payloadFormatIndicator: true,
          ...(expirySeconds > 0 ? { messageExpiryInterval: expirySeconds } : {}),
        };
      }
      // A backlog has many ages; none of them is worth keeping for long.
      if (this.#publishOptions.size >= 64) {
        this.#publishOptions.clear();
      }
      this.#publishOptions.set(key, options);
    }
    return options;
  }
}

function wordsFor(fault: unknown): string {
  return fault === undefined ? 'the broker closed it' : connectionFault(fault);
}

/** The MQTT reason code of an error; what the system raises has names instead. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) {
    return undefined;
  }
  return typeof error.code === 'number' ? error.code : undefined;
}

function clientOptions(options: SessionOptions): IClientOptions {
  const version5 = options.version === '5';
  return {
    protocolId: 'MQTT',
    protocolVersion: version5 ? 5 : 4,
    clean: true,
    clientId: options.clientId,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    keepalive: options.keepaliveSeconds,
    connectTimeout: options.connackTimeoutMs,
    will: {
      topic: options.will.topic,
      payload: Buffer.from(options.will.payload),
      qos: options.will.qos,
      retain: options.will.retain,
      ...(version5
        ? { properties: { contentType: 'application/json', payloadFormatIndicator: true } }
        : {}),
    },
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    timerVariant: 'native',
    // The client's cache of all 65,536 packet ids as buffers takes megabytes to save nanoseconds.
    writeCache: false,
    // Its debug output would hold the password.
    log: () => {},
  };
}
