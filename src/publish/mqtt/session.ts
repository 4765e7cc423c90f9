import type { Socket } from 'node:net';
import { MqttClient, ReasonCodes, type IClientPublishOptions } from '../../mqtt-client/library.js';
import type { Qos } from '../prediction/record.js';
import { AnswerWatch } from './answer-watch.js';
import { AskedPackets } from './asked-packets.js';
import { clientOptions, type ProtocolVersion, type SessionOptions } from './client-options.js';
import { ConnectRefusedError } from '../../mqtt-client/connect-refused-error.js';
import { contentType, publishBytes } from './publish-bytes.js';
import {
  codeOf,
  idHint,
  isHangUp,
  isUnreadableAnswer,
  wordsFor,
  type SessionEnd,
} from './session-end.js';
import { UnconfirmedPublishes } from './unconfirmed-publishes.js';

const maximumAnswerBytes = 1024 * 1024;

/**
 * A 3.1.1 broker does not say how many it takes. Mosquitto takes 20 by default, and leaves a QoS 2
 * publish beyond them without an answer for ever.
 */
const unstatedReceiveMaximum = 20;

/** The limits that the broker sets on this connection. */
export interface BrokerLimits {
  /** Unacknowledged publishes at a time. */
  readonly receiveMaximum: number;
  readonly maximumQos: Qos;
  readonly retainAvailable: boolean;
  readonly maximumPacketBytes: number;
}

/** The broker's no to a publish. */
export interface Refusal {
  /** Reason code of the acknowledgement (MQTT 5, 2.4). */
  readonly code: number;
  readonly reason: string;
}

/** Called with undefined when a publish is done, and with the refusal when the broker refused it. */
export type PublishDone = (refusal: Refusal | undefined) => void;

/** A broker may send these before it has had anything but the CONNECT. */
const openingPackets: ReadonlySet<string> = new Set(['connack', 'auth', 'disconnect']);

/**
 * One MQTT connection, from its CONNACK to its end. It does not come back: the next one is a new
 * session, a clean one, and what this one did not deliver is its owner's to send again.
 */
export class Session {
  readonly limits: BrokerLimits;
  /** Resolves when the connection is over. Never rejects. */
  readonly closed: Promise<SessionEnd>;
  readonly #client: MqttClient;
  readonly #version: ProtocolVersion;
  readonly #publishOptions = new Map<number, IClientPublishOptions>();
  readonly #asked = new AskedPackets();
  readonly #unanswered: AnswerWatch;
  readonly #unconfirmed: UnconfirmedPublishes;
  /** Publishes so far, which is the number of the last one. */
  #published = 0;

  private constructor(
    client: MqttClient,
    version: ProtocolVersion,
    limits: BrokerLimits,
    closed: Promise<SessionEnd>,
    unanswered: AnswerWatch,
    unasked: (packet: string) => void,
  ) {
    this.#client = client;
    this.#version = version;
    this.limits = limits;
    this.closed = closed;
    this.#unanswered = unanswered;
    const unconfirmed = new UnconfirmedPublishes({ ping: () => client.sendPing() });
    this.#unconfirmed = unconfirmed;
    const asked = this.#asked;
    client.on('packetsend', (packet) => {
      // The client pings by itself too, when it has heard nothing for long.
      if (packet.cmd === 'pingreq') {
        unconfirmed.pinged(this.#published);
      } else {
        asked.sent(packet);
      }
    });
    client.on('packetreceive', (packet) => {
      const isAsked =
        packet.cmd === 'pingresp' ? unconfirmed.pingAnswered() : asked.isAsked(packet);
      if (!isAsked) {
        unasked(packet.cmd);
      }
    });
    client.once('close', () => unconfirmed.stop());
  }

  /**
   * Sends the CONNECT and waits for the answer.
   *
   * @param socket connected to the broker; it is the session's from now on
   * @throws ConnectRefusedError when the broker says no, or nothing
   */
  static async open(socket: Socket, options: SessionOptions): Promise<Session> {
    const client = new MqttClient(() => socket, clientOptions(options));
    let fault: unknown;
    let isEndedByBroker = false;
    // After a malformed packet nothing on this connection can be trusted.
    client.on('error', (error) => {
      fault ??= error;
      socket.destroy();
    });
    // Ends the client too: it would go on with the packets that it has parsed already.
    const drop = (): void => {
      client.end(true);
      socket.destroy();
    };
    // All that a broker may send are short answers, and short messages where something is subscribed to.
    let unparsedBytes = 0;
    const unasked = (packet: string): void => {
      fault ??= new Error(`the broker sent a ${packet} packet, for which nobody had asked`);
      drop();
    };
    // What comes in one piece with the CONNACK is read before there is a session.
    let isOpen = false;
    client.on('packetreceive', ({ cmd }) => {
      unparsedBytes = 0;
      if (!isOpen && !openingPackets.has(cmd)) {
        unasked(cmd);
      }
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
      isEndedByBroker = true;
      const hint = code === 0x8e ? `: ${idHint(options.clientId)}` : '';
      fault ??= new Error(`the broker ended it: ${words[code] ?? `reason code ${code}`}${hint}`);
    });
    // Over TLS 1.3 a broker refuses a client certificate only now.
    socket.on('error', (error) => {
      fault ??= error;
    });
    const closed = new Promise<SessionEnd>((resolve) => {
      client.once('close', () =>
        resolve({
          reason: wordsFor(fault),
          isByBroker: isEndedByBroker || isHangUp(fault) || isUnreadableAnswer(fault),
          isByRefusal: isUnreadableAnswer(fault),
        }),
      );
    });
    const { answerTimeoutMs } = options;
    // A broker that answers pings and loses acknowledgements would fill the window for ever.
    const unanswered = new AnswerWatch(answerTimeoutMs, () => {
      const seconds = Math.round(answerTimeoutMs / 1000);
      fault ??= new Error(`the broker did not acknowledge a publish within ${seconds} s`);
      socket.destroy();
    });
    client.once('close', () => unanswered.stop());
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
      client.once('close', () =>
        reject(new ConnectRefusedError(wordsFor(fault), codeOf(fault), isHangUp(fault))),
      );
    });
    isOpen = true;
    return new Session(client, options.version, limits, closed, unanswered, unasked);
  }

  /**
   * Sends a PUBLISH. It is done when the broker has acknowledged it; at QoS 0, where there is no
   * acknowledgement, when the broker has answered to something that was sent later.
   *
   * @param expirySeconds how long the broker may keep it for a subscriber, which MQTT 5 alone can
   *   tell it; 0 for ever
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
    this.#published += 1;
    const number = this.#published;
    this.#unanswered.sent(number);
    if (qos === 0) {
      this.#client.publish(topic, payload, options);
      this.#unconfirmed.sent(number, () => {
        this.#unanswered.answered(number);
        done(undefined);
      });
      return;
    }
    this.#client.publish(topic, payload, options, (error) => {
      this.#unanswered.answered(number);
      const code = error ? codeOf(error) : undefined;
      if (!error || code !== undefined) {
        this.#unconfirmed.answeredTo(number);
        done(error && code !== undefined ? { code, reason: error.message } : undefined);
      }
      // An error without a reason code is a broken connection, of which `closed` tells.
    });
  }

  /**
   * Subscribes to one topic at QoS 1.
   *
   * @param topic without wildcards
   * @param heard called with each message on it
   * @param refused called with the broker's reason, where it does not let this client subscribe
   */
  subscribe(
    topic: string,
    heard: (payload: Buffer) => void,
    refused: (reason: string) => void,
  ): void {
    this.#asked.subscribed(topic);
    this.#client.on('message', (messageTopic, payload) => {
      if (messageTopic === topic) {
        heard(payload);
      }
    });
    this.#client.subscribe(topic, { qos: 1 }, (error, granted = []) => {
      if (error !== null && codeOf(error) !== undefined) {
        refused(error.message);
      } else if (granted.some(({ qos }) => qos >= 0x80)) {
        refused('not authorized');
      }
      // An error without a reason code is a broken connection, of which `closed` tells.
    });
  }

  /** Nothing more will be published before something is done. */
  windowFull(): void {
    this.#unconfirmed.pingNow();
  }

  /** Bytes of the packet that `publish` would send. */
  publishBytes(topic: string, payload: string, qos: Qos, expirySeconds: number): number {
    return publishBytes(this.#version, topic, payload, qos, expirySeconds > 0);
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

  /** Cached by what sets them apart: an object for each publish would be garbage at the rate of samples. */
  #options(qos: Qos, retain: boolean, expirySeconds: number): IClientPublishOptions {
    const key = (expirySeconds * 3 + qos) * 2 + (retain ? 1 : 0);
    let options = this.#publishOptions.get(key);
    if (options === undefined) {
      options = { qos, retain: retain && this.limits.retainAvailable };
      if (this.#version === '5') {
        options.properties = {
          contentType,
          payloadFormatIndicator: true,
          ...(expirySeconds > 0 ? { messageExpiryInterval: expirySeconds } : {}),
        };
      }
      // Records of the history have many ages, and each is used for a moment only.
      if (this.#publishOptions.size >= 64) {
        this.#publishOptions.clear();
      }
      this.#publishOptions.set(key, options);
    }
    return options;
  }
}
