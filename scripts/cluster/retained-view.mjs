/** Asks one node as a subscriber would: which devices are there, and what is retained of them. */
import { connectAsync } from 'mqtt';
import { setTimeout as sleep } from 'node:timers/promises';

export class RetainedView {
  #client;
  #latest = new Map();

  static async open(url, protocolVersion) {
    const client = await connectAsync(url, {
      protocolVersion,
      protocolId: 'MQTT',
      reconnectPeriod: 0,
    });
    return new RetainedView(client);
  }

  constructor(client) {
    this.#client = client;
    client.on('error', () => {});
    client.on('message', (topic, payload) => this.#latest.set(topic, payload.toString()));
  }

  /** @param devices their names, where the broker has nothing retained for a wildcard; default: all */
  async start(devices = ['+']) {
    const leaves = ['status', 'health', 'wearer/info', 'wearer/now', 'wearer/health'];
    await this.#client.subscribeAsync(
      devices.flatMap((device) => leaves.map((leaf) => `lstmd/${device}/${leaf}`)),
      { qos: 0 },
    );
    return this;
  }

  /** Number of devices that are there. */
  get online() {
    return this.#withLeaf('status').filter((payload) => payload.includes('online')).length;
  }

  /** The topics with a value. */
  get topics() {
    return [...this.#latest].flatMap(([topic, payload]) => (payload === '' ? [] : [topic]));
  }

  latest(topic) {
    return this.#latest.get(topic);
  }

  /** Resolves with the seconds that it took; fails after a while. */
  async until(isTrue, what, mostSeconds = 120) {
    const begunMs = performance.now();
    while (!isTrue(this)) {
      if (performance.now() - begunMs > 1000 * mostSeconds) {
        throw new Error(`not within ${mostSeconds} s: ${what}`);
      }
      await sleep(50);
    }
    return (performance.now() - begunMs) / 1000;
  }

  close() {
    this.#client.end(true);
  }

  #withLeaf(leaf) {
    return [...this.#latest].flatMap(([topic, payload]) =>
      topic.endsWith(`/${leaf}`) ? [payload] : [],
    );
  }
}
