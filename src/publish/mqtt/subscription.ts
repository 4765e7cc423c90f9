import { connectAsync, type MqttClient } from 'mqtt';

/** A subscriber to one topic of a broker, as a user of the published records has. */
export class Subscription {
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  /**
   * Connects and subscribes at QoS 1.
   *
   * @param topic a topic or a filter
   * @param onMessage called with each payload
   * @throws Error when the broker is not there or refuses
   */
  static async open(
    url: string,
    topic: string,
    onMessage: (payload: Buffer) => void,
  ): Promise<Subscription> {
    const client = await connectAsync(url, { reconnectPeriod: 0 });
    client.on('message', (_, payload) => onMessage(payload));
    await client.subscribeAsync(topic, { qos: 1 });
    return new Subscription(client);
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
