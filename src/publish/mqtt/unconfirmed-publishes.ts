export interface UnconfirmedPublish<Item> {
  readonly item: Item;
  /** It rises from each publish, of whatever QoS, to the next. */
  readonly number: number;
  /** Bytes of the packet. */
  readonly bytes: number;
  /** When it was sent. */
  readonly tick: number;
}

export interface UnconfirmedPublishesOptions<Item> {
  /** Sends a PINGREQ, and calls `pinged`. */
  readonly ping: () => void;
  /** Told of each publish that the broker has read. */
  readonly confirmed: (publish: UnconfirmedPublish<Item>) => void;
}

/** So long others may join before a ping is sent for them. */
const pingAfterMs = 50;

/**
 * The publishes at QoS 0 of one connection. They have no answer of their own; but a broker reads packets in the
 * order in which they were sent (MQTT 5, 4.6), so that an answer to anything later tells that it has read them.
 * Where nothing later is sent, that is a ping.
 */
export class UnconfirmedPublishes<Item> {
  readonly #options: UnconfirmedPublishesOptions<Item>;
  readonly #waiting: UnconfirmedPublish<Item>[] = [];
  /** For each ping without an answer, the number of the last publish before it. */
  readonly #pings: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UnconfirmedPublishesOptions<Item>) {
    this.#options = options;
  }

  /** A publish at QoS 0 was sent. */
  sent(publish: UnconfirmedPublish<Item>): void {
    this.#waiting.push(publish);
    this.#pingSoon();
  }

  /** When the oldest was sent; Infinity where there is none. */
  get oldestTick(): number {
    return this.#waiting[0]?.tick ?? Infinity;
  }

  /** Each item that is not confirmed. */
  get items(): Item[] {
    return this.#waiting.map(({ item }) => item);
  }

  /** Bytes of each packet that is not confirmed. */
  get unansweredBytes(): number[] {
    return this.#waiting.map(({ bytes }) => bytes);
  }

  /** A PINGREQ was sent after the publish of that number. */
  pinged(number: number): void {
    this.#pings.push(number);
  }

  /** A PINGRESP came; false where nobody had asked for it. */
  pingAnswered(): boolean {
    const number = this.#pings.shift();
    if (number === undefined) {
      return false;
    }
    this.answeredTo(number);
    this.#pingSoon();
    return true;
  }

  /** The publish of that number was answered, or a ping after it: the broker has read all before. */
  answeredTo(number: number): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || first.number > number) {
        return;
      }
      this.#waiting.shift();
      this.#options.confirmed(first);
    }
  }

  /** The connection is over. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #pingSoon(): void {
    if (this.#waiting.length === 0 || this.#pings.length > 0) {
      return;
    }
    this.#timer ??= setTimeout(() => this.pingNow(), pingAfterMs);
  }

  /** Nothing more will be sent before these are confirmed. Does nothing where there are none, or a ping is under way. */
  pingNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length > 0 && this.#pings.length === 0) {
      this.#options.ping();
    }
  }
}
