import { backoffMs } from '../../mqtt-client/backoff.js';
import type { OutboxRecord, RecordQueue } from '../outbox/contract/record.js';
import type { Qos } from '../prediction/record.js';
import type { CommandAnswer, Delivery } from './delivery.js';
import { wireTopic, type Message, type Refusal } from './message.js';
import { expirySecondsOf } from './record-expiry.js';
import type { RecordSenderOptions } from './record-sender-options.js';
import { RefusedRecords } from './refused-records.js';
import type { RetainedValue } from './retained-values.js';
import { maxInFlight } from './wire/in-flight.js';
import { jsonProperties } from './wire/publish-packet.js';

const nothing = Buffer.alloc(0);

/** Topic name invalid, packet too large, payload format invalid: it will be no better another time. */
const finalRefusals: ReadonlySet<number> = new Set([0x90, 0x95, 0x99]);

/** Sends records and retained values over one connection, and reports what became of each record. */
export class RecordSender {
  readonly #options: RecordSenderOptions;
  readonly #limit: number;
  #inFlight = 0;
  /** The next record's packet; one object serves all of them. */
  readonly #message: { -readonly [Key in keyof Message]: Message[Key] };
  /** Answers to commands that wait for room. */
  readonly #answers: CommandAnswer[] = [];
  readonly #isOpen = (queue: RecordQueue): boolean => this.#refused.isOpen(queue);
  /** The packet on its way is to travel alone. */
  #isAlone = false;
  /** A record that was taken, and waits until nothing else is in flight. */
  #waiting: OutboxRecord | undefined;
  readonly #refused: RefusedRecords;
  #refusedValues = 0;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isSending = false;
  #isClosed = false;

  constructor(options: RecordSenderOptions) {
    const { session, inFlightLimit } = options;
    this.#options = options;
    this.#refused = new RefusedRecords(options.backoff, () => this.send());
    // MQTT 5, 4.9: at more unacknowledged publishes than that the broker ends the connection.
    this.#limit = Math.min(inFlightLimit, session.limits.receiveMaximum, maxInFlight);
    this.#message = {
      topic: wireTopic(options.scheme.will.topic),
      payload: '',
      payloadBytes: 0,
      qos: 1,
      isRetained: false,
      expirySeconds: 0,
      properties: nothing,
    };
    session.answered = (delivery, bytes, refusal) => this.#answered(delivery, bytes, refusal);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Sends as much as may be in flight: retained values first, then records as they are given. */
  send(): void {
    if (this.#isSending || this.#isClosed) {
      return;
    }
    this.#isSending = true;
    while (this.#inFlight < this.#limit && !this.#isAlone) {
      if (!this.#sendAnswer() && !this.#sendRetained() && !this.#sendRecord()) {
        break;
      }
    }
    this.#isSending = false;
    if (this.#inFlight >= this.#limit || this.#isAlone) {
      this.#options.session.allInFlight();
    }
  }

  /**
   * The connection is over: nothing more is sent, and no answer counts any more. Records at QoS 0 that the
   * broker did not confirm are lost: to send them again could deliver them twice.
   *
   * @param isByBroker whether the broker hung up
   */
  close(isByBroker: boolean): void {
    this.#isClosed = true;
    const { sizeLimit, records, session } = this.#options;
    sizeLimit.connectionEnded(isByBroker, session.unansweredBytes);
    this.#refused.stop();
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
    for (const delivery of session.unconfirmed) {
      if (isRecord(delivery)) {
        records.drop(delivery, 'lost');
      }
    }
  }

  /** Sends an answer to a command, as soon as there is room for it. */
  answer(answer: CommandAnswer): void {
    if (!this.#isClosed) {
      this.#answers.push(answer);
      this.send();
    }
  }

  #sendAnswer(): boolean {
    const [answer] = this.#answers;
    if (answer === undefined) {
      return false;
    }
    const message = this.#messageOf({ ...answer, qos: 1, isRetained: false });
    const fit = this.#fit(message);
    if (fit === 'later') {
      return false;
    }
    this.#answers.shift();
    if (fit === 'now') {
      this.#publish(message, answer);
    }
    return true;
  }

  #sendRetained(): boolean {
    const value = this.#options.scheme.next();
    if (value === undefined) {
      return false;
    }
    const properties = value.isDescribed ? jsonProperties : nothing;
    const message = this.#messageOf({ ...value, properties });
    switch (this.#fit(message)) {
      case 'later':
        return false;
      case 'never':
        value.taken(false);
        value.answered();
        return true;
      case 'now':
        value.taken(true);
        this.#publish(message, value);
        return true;
    }
  }

  #sendRecord(): boolean {
    const { session, scheme, records } = this.#options;
    const record = this.#nextRecord();
    if (record === undefined) {
      return false;
    }
    const written = scheme.write(record);
    if (written === undefined) {
      this.#waiting = record;
      return this.#sendRetained();
    }
    const { topic, payload, qos } = written;
    const message = this.#message;
    message.topic = session.recordTopic(topic);
    message.payload = payload;
    message.payloadBytes = Buffer.byteLength(payload);
    message.qos = this.#qosOf(qos);
    message.expirySeconds = expirySecondsOf(record, records);
    switch (this.#fit(message)) {
      case 'later':
        this.#waiting = record;
        return false;
      case 'never':
        records.drop(record, 'tooLarge');
        return true;
      case 'now':
        this.#publish(message, record);
        scheme.recordSent();
        return true;
    }
  }

  /** The message of what is sent now and then; records have one object that serves them all. */
  #messageOf(value: {
    readonly topic: string;
    readonly payload: string | Uint8Array;
    readonly qos: Qos;
    readonly isRetained: boolean;
    readonly properties: Buffer;
  }): Message {
    const { topic, payload, qos, isRetained, properties } = value;
    return {
      topic: wireTopic(topic),
      payload,
      payloadBytes: Buffer.byteLength(payload),
      qos: this.#qosOf(qos),
      isRetained,
      expirySeconds: 0,
      properties,
    };
  }

  /** The QoS that is asked for, or the best that the broker has. */
  #qosOf(qos: Qos): Qos {
    const { maximumQos } = this.#options.session.limits;
    return qos > maximumQos ? maximumQos : qos;
  }

  #nextRecord(): OutboxRecord | undefined {
    const { isSendingRecords, takeRecord } = this.#options;
    if (!isSendingRecords()) {
      return undefined;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting ?? this.#refused.next() ?? takeRecord(this.#isOpen);
  }

  /** Sends a retained value that was refused once more, after a while. */
  #sendAgain(value: RetainedValue): void {
    this.#refusedValues += 1;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        value.sendAgain();
        this.send();
      },
      backoffMs(this.#refusedValues, this.#options.backoff),
    );
    this.#timers.add(timer);
  }

  /** Returns whether the broker takes a packet of that size, as far as is known, and whether it can be sent now. */
  #fit(message: Message): 'now' | 'later' | 'never' {
    const { session, sizeLimit, tooLarge } = this.#options;
    const bytes = session.publishBytes(message);
    const maximumBytes = Math.min(session.limits.maximumPacketBytes, sizeLimit.bytes);
    if (bytes > maximumBytes) {
      const { topic, isRetained } = message;
      tooLarge({ topic: topic.name, isRetained, bytes, maximumBytes });
      return 'never';
    }
    this.#isAlone = sizeLimit.travelsAlone(bytes);
    if (this.#isAlone && this.#inFlight > 0) {
      this.#isAlone = false;
      return 'later';
    }
    return 'now';
  }

  #publish(message: Message, delivery: Delivery): void {
    this.#inFlight += 1;
    this.#options.session.publish(message, delivery);
  }

  #answered(delivery: Delivery, bytes: number, refusal: Refusal | undefined): void {
    if (this.#isClosed) {
      return;
    }
    const { sizeLimit, refused, settled, scheme } = this.#options;
    sizeLimit.answered(bytes);
    this.#isAlone = false;
    this.#inFlight -= 1;
    if (isRecord(delivery)) {
      this.#recordAnswered(delivery, refusal);
    } else if ('taken' in delivery) {
      this.#valueAnswered(delivery, refusal);
    }
    if (refusal !== undefined) {
      const topic = isRecord(delivery) ? scheme.topicOf(delivery) : delivery.topic;
      refused(topic, refusal.reason, !finalRefusals.has(refusal.code));
    }
    this.send();
    settled();
  }

  #recordAnswered(record: OutboxRecord, refusal: Refusal | undefined): void {
    const { records } = this.#options;
    if (refusal === undefined) {
      this.#refused.taken(record);
      records.delivered(record);
    } else if (finalRefusals.has(refusal.code)) {
      this.#refused.taken(record);
      records.drop(record, refusal.code === 0x95 ? 'tooLarge' : 'refused');
    } else {
      this.#refused.refused(record);
    }
  }

  #valueAnswered(value: RetainedValue, refusal: Refusal | undefined): void {
    value.answered();
    if (refusal === undefined) {
      this.#refusedValues = 0;
    } else if (!finalRefusals.has(refusal.code)) {
      this.#sendAgain(value);
    }
  }
}

function isRecord(delivery: Delivery): delivery is OutboxRecord {
  return 'madeMs' in delivery;
}
