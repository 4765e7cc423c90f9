/** A packet as far as it tells what it answers. */
interface Packet {
  readonly cmd: string;
  readonly messageId?: number | undefined;
  readonly topic?: string | Buffer | undefined;
  readonly qos?: number | undefined;
}

/** A client subscribes at this QoS at the most: a message of QoS 2 stays in its memory until the broker releases it. */
export const largestAskedQos = 1;

/**
 * Tells which packets of the broker on one connection were asked for, beside the answers to publishes. Whatever else it
 * sends is neither answered nor kept: a QoS 2 publish that nobody waits for would stay in memory for ever.
 */
export class AskedPackets {
  /** Identifiers of the subscriptions that are not answered yet, in their order, with the tick at which each was sent. */
  readonly #subscriptions = new Map<number, number>();
  /** Levels of the filters that were subscribed to. */
  readonly #filters: (readonly string[])[] = [];

  /** From now on messages on topics that match the filter are asked for; `+` stands for any level. */
  subscribed(filter: string): void {
    this.#filters.push(filter.split('/'));
  }

  /** @param tick the number of the tick at which it was sent, where its sender counts them */
  sent({ cmd, messageId }: Packet, tick = 0): void {
    if (messageId !== undefined && cmd === 'subscribe') {
      this.#subscriptions.set(messageId, tick);
    }
  }

  /** The tick at which the oldest subscription without an answer was sent; Infinity where there is none. */
  get oldestTick(): number {
    const [tick = Infinity] = this.#subscriptions.values();
    return tick;
  }

  /** Returns whether a packet answers to one that was sent, or is a message that was subscribed to. */
  isAsked({ cmd, messageId = 0, topic, qos = 0 }: Packet): boolean {
    switch (cmd) {
      case 'disconnect':
        return true;
      case 'suback':
        return this.#subscriptions.delete(messageId);
      case 'publish': {
        const levels = String(topic).split('/');
        return qos <= largestAskedQos && this.#filters.some((filter) => isMatch(filter, levels));
      }
      default:
        return false;
    }
  }
}

/** Returns whether a topic matches a filter, level by level; `+` stands for any level. */
export function isMatch(filter: readonly string[], topic: readonly string[]): boolean {
  return (
    filter.length === topic.length &&
    filter.every((level, i) => level === '+' || level === topic[i])
  );
}
