import type { Duplex } from 'node:stream';
import { AskedPackets, isMatch, largestAskedQos } from '../../mqtt-client/asked-packets.js';
import type { MqttClient } from '../../mqtt-client/library.js';
import { AnswerWatch } from './answer-watch.js';
import type { SessionOptions } from './client-options.js';
import type { Delivery } from './delivery.js';
import {
  wireTopic,
  type Answered,
  type BrokerLimits,
  type HeardMessage,
  type Message,
  type Refusal,
  type WireTopic,
} from './message.js';
import { openClient, type OpenedClient } from './open-client.js';
import { codeOf, reasonOf, type SessionEnd } from './session-end.js';
import { UnconfirmedPublishes } from './unconfirmed-publishes.js';
import { Answer, type AnswerType } from './wire/answer-reader.js';
import { InFlight } from './wire/in-flight.js';
import type { PacketBuffer } from './wire/packet-buffer.js';
import { publishBytes, writePublish, type PublishHead } from './wire/publish-packet.js';

const nothing = Buffer.alloc(0);

/**
 * One MQTT connection, from its CONNACK to its end. It does not come back: the next one is a new
 * session, a clean one, and what this one did not deliver is its owner's to send again.
 */
export class Session {
  readonly limits: BrokerLimits;
  /** Resolves when the connection is over. Never rejects. */
  readonly closed: Promise<SessionEnd>;
  /** Told what became of each publish; set before the first one. */
  answered: Answered = () => {};
  readonly #client: MqttClient;
  readonly #packets: PacketBuffer;
  readonly #ending: () => void;
  readonly #asked = new AskedPackets();
  readonly #watch: AnswerWatch;
  readonly #inFlight = new InFlight<Delivery>();
  readonly #unconfirmed: UnconfirmedPublishes<Delivery>;
  /** The topics of records. Others are not kept: answers to commands may go to ever new ones. */
  readonly #topics = new Map<string, WireTopic>();
  readonly #head: PublishHead;
  /** Publishes so far, which is the number of the last one. */
  #published = 0;
  /** An answer came since the last tick. */
  #hasAnswered = false;

  private constructor(opened: OpenedClient, { version, answerTimeoutMs }: SessionOptions) {
    const { client, packets, limits, closed, unasked, overdue, ending } = opened;
    this.#client = client;
    this.#packets = packets;
    this.#ending = ending;
    this.limits = limits;
    this.closed = closed;
    this.#head = {
      version,
      qos: 0,
      isRetained: false,
      topic: nothing,
      alias: 0,
      expirySeconds: 0,
      properties: nothing,
      id: 0,
    };
    const unconfirmed = new UnconfirmedPublishes<Delivery>({
      ping: () => client.sendPing(),
      confirmed: ({ item, bytes }) => this.answered(item, bytes, undefined),
    });
    this.#unconfirmed = unconfirmed;
    const asked = this.#asked;
    const oldestPublish = (): number => Math.min(this.#inFlight.oldestTick, unconfirmed.oldestTick);
    // A broker that answers pings and loses acknowledgements would keep as many publishes in flight as may be for ever,
    // and never send what was subscribed to.
    this.#watch = new AnswerWatch({
      timeoutMs: answerTimeoutMs,
      oldestTick: () => Math.min(oldestPublish(), asked.oldestTick),
      overdue: () => overdue(asked.oldestTick < oldestPublish() ? 'subscription' : 'publish'),
      ticked: () => {
        // The client pings where it hears nothing, and it does not hear the answers to publishes.
        if (this.#hasAnswered) {
          this.#hasAnswered = false;
          client.reschedulePing(true);
        }
      },
    });
    client.on('packetsend', (packet) => {
      // The client pings by itself too, when it has heard nothing for long.
      if (packet.cmd === 'pingreq') {
        unconfirmed.pinged(this.#published);
      } else {
        asked.sent(packet, this.#watch.tick);
      }
    });
    client.on('packetreceive', (packet) => {
      const isAsked =
        packet.cmd === 'pingresp' ? unconfirmed.pingAnswered() : asked.isAsked(packet);
      if (!isAsked) {
        unasked(packet.cmd);
      }
    });
    client.once('close', () => {
      unconfirmed.stop();
      this.#watch.stop();
    });
    opened.answers.sink = (type, id, code) => this.#answer(type, id, code);
  }

  /**
   * Sends the CONNECT and waits for the answer.
   *
   * @param socket connected to the broker; it is the session's from now on
   * @throws ConnectRefusedError when the broker says no, or nothing
   */
  static async open(socket: Duplex, options: SessionOptions): Promise<Session> {
    return new Session(await openClient(socket, options), options);
  }

  /** The topic of records as this connection writes it: so often that an alias saves something; the broker allows a few. */
  recordTopic(name: string): WireTopic {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      const hasAlias = this.#topics.size < this.limits.topicAliases;
      topic = wireTopic(name, hasAlias ? this.#topics.size + 1 : 0);
      this.#topics.set(name, topic);
    }
    return topic;
  }

  /**
   * Sends a PUBLISH. It is done when the broker has acknowledged it; at QoS 0, where there is no
   * acknowledgement, when the broker has answered to something that was sent later.
   *
   * @param item what `answered` is told of
   * @throws RangeError beyond `maxInFlight` at a time
   */
  publish(message: Message, item: Delivery): void {
    const { payload, payloadBytes, qos, topic } = message;
    const head = this.#fill(message);
    const bytes = publishBytes(head, payloadBytes);
    this.#published += 1;
    const number = this.#published;
    const { tick } = this.#watch;
    head.id = qos === 0 ? 0 : this.#inFlight.add(item, number, bytes, qos, tick);
    const position = this.#packets.reserve(bytes);
    writePublish(head, payload, payloadBytes, this.#packets.bytes, position);
    // This one is in flight itself, but at QoS 0.
    this.#packets.send(this.#inFlight.size === (qos === 0 ? 0 : 1));
    topic.isAliasKnown = true;
    if (qos === 0) {
      this.#unconfirmed.sent({ item, number, bytes, tick });
    }
  }

  /** Bytes of the packet that `publish` would send. */
  publishBytes(message: Message): number {
    return publishBytes(this.#fill(message), message.payloadBytes);
  }

  /** The publishes at QoS 0 of which nobody knows yet whether the broker has read them. */
  get unconfirmed(): Delivery[] {
    return this.#unconfirmed.items;
  }

  /** Bytes of each publish that is on its way. */
  get unansweredBytes(): number[] {
    return [...this.#inFlight.unansweredBytes, ...this.#unconfirmed.unansweredBytes];
  }

  /**
   * Subscribes at QoS 1.
   *
   * @param filter a topic, in which `+` stands for any level
   * @param heard called with each message that matches it
   * @param refused called with the broker's reason, where it does not let this client subscribe
   */
  subscribe(
    filter: string,
    heard: (message: HeardMessage) => void,
    refused: (reason: string) => void,
  ): void {
    this.#asked.subscribed(filter);
    const levels = filter.split('/');
    this.#client.on('message', (topic, payload, { retain, properties }) => {
      if (isMatch(levels, topic.split('/'))) {
        heard({
          topic,
          payload,
          isRetained: retain,
          responseTopic: properties?.responseTopic,
          correlationData: properties?.correlationData,
        });
      }
    });
    // MQTT 5 then tells of a retained message that it is one also while we are connected.
    this.#client.subscribe(filter, { qos: largestAskedQos, rap: true }, (error, granted = []) => {
      if (error !== null && codeOf(error) !== undefined) {
        refused(error.message);
      } else if (granted.some(({ qos }) => qos >= 0x80)) {
        refused('not authorized');
      }
      // An error without a reason code is a broken connection, of which `closed` tells.
    });
  }

  /** Nothing more will be published before something is done. */
  allInFlight(): void {
    this.#unconfirmed.pingNow();
  }

  /** Sends DISCONNECT, upon which the broker forgets the will. `closed` resolves when it is done. */
  end(): void {
    this.#ending();
    this.#client.end();
  }

  /** Drops the connection at once, for the broker to publish the will. */
  destroy(): void {
    this.#ending();
    this.#client.end(true);
    this.#client.stream.destroy();
  }

  #fill(message: Message): PublishHead {
    const { topic, qos, isRetained, expirySeconds, properties } = message;
    const head = this.#head;
    head.qos = qos;
    head.isRetained = isRetained && this.limits.retainAvailable;
    head.topic = topic.alias > 0 && topic.isAliasKnown ? nothing : topic.bytes;
    head.alias = topic.alias;
    head.expirySeconds = expirySeconds;
    head.properties = properties;
    return head;
  }

  /** Takes an answer to a publish; false for one that nothing waited for. */
  #answer(type: AnswerType, id: number, code: number): boolean {
    const inFlight = this.#inFlight;
    const qos = inFlight.qosOf(id);
    if (qos === 0) {
      // A second answer is harmless.
      return inFlight.wasGiven(id);
    }
    if ((type === Answer.puback) !== (qos === 1) || !isKnownCode(type, code)) {
      return false;
    }
    this.#hasAnswered = true;
    if (type === Answer.pubrec && code < firstRefusal) {
      const position = this.#packets.reserve(4);
      const { bytes } = this.#packets;
      bytes.writeUInt16BE(0x6202, position);
      bytes.writeUInt16BE(id, position + 2);
      this.#packets.send(false);
      return true;
    }
    const number = inFlight.numberOf(id);
    const bytes = inFlight.bytesOf(id);
    const item = inFlight.remove(id);
    this.#unconfirmed.answeredTo(number);
    if (item !== undefined) {
      const isRefused = code >= firstRefusal && type !== Answer.pubcomp;
      this.answered(item, bytes, isRefused ? refusalOf(code) : undefined);
    }
    return true;
  }
}

/** Reason codes from here on say no. */
const firstRefusal = 0x80;

/** The codes that MQTT 5 has for an answer to a PUBLISH (3.4.2.1, 3.5.2.1). */
const publishCodes: ReadonlySet<number> = new Set([
  0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99,
]);

/** Returns whether MQTT has a code there; what has another is for the client library to refuse. */
function isKnownCode(type: AnswerType, code: number): boolean {
  return type === Answer.pubcomp ? code === 0 || code === 0x92 : publishCodes.has(code);
}

function refusalOf(code: number): Refusal {
  return { code, reason: `Publish error: ${reasonOf(code)}` };
}
