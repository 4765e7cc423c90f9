/** A packet as far as it tells what it answers. */
interface Packet {
  readonly cmd: string;
  readonly messageId?: number | undefined;
  readonly topic?: string | Buffer | undefined;
}

/**
 * Tells which packets of the broker on one connection were asked for. Whatever else it sends is neither answered nor
 * kept: a QoS 2 publish that nobody waits for would stay in memory for ever.
 */
export class AskedPackets {
  /** 1 for each packet identifier that a publish ever had; a set of all would take megabytes. */
  readonly #publishes = new Uint8Array(65_536);
  /** Identifiers of the subscriptions that are not answered yet. */
  readonly #subscriptions = new Set<number>();
  readonly #topics = new Set<string>();

  /** From now on messages on the topic are asked for. */
  subscribed(topic: string): void {
    this.#topics.add(topic);
  }

  sent({ cmd, messageId }: Packet): void {
    if (messageId === undefined) {
      return;
    }
    if (cmd === 'publish') {
      this.#publishes[messageId] = 1;
    } else if (cmd === 'subscribe') {
      this.#subscriptions.add(messageId);
    }
  }

  /** Returns whether a packet answers to one that was sent, or is a message that was subscribed to. */
  isAsked({ cmd, messageId = 0, topic }: Packet): boolean {
    switch (cmd) {
      case 'disconnect':
        return true;
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        // One that comes twice is harmless: the client library ignores it.
        return this.#publishes[messageId] === 1;
      case 'suback':
        return this.#subscriptions.delete(messageId);
      case 'publish':
        return this.#topics.has(String(topic));
      default:
        return false;
    }
  }
}
