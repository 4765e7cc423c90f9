import { connectAsync, type MqttClient } from '../../mqtt-client/library.js';
import { LstmdError } from '../../base/errors.js';
import { parseBrokerUrl } from '../../mqtt-client/broker-address.js';
import { connectionFault } from '../../mqtt-client/broker-socket.js';

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
   * @throws LstmdError `publish.unavailable` when the broker is not there or refuses
   */
  static async open(
    url: string,
    topic: string,
    onMessage: (payload: Buffer, topic: string) => void,
  ): Promise<Subscription> {
    try {
      const client = await connectAsync(url, { reconnectPeriod: 0 });
      // Without a listener, an error on the connection would end the process.
      client.on('error', () => {});
      client.on('message', (messageTopic, payload) => onMessage(payload, messageTopic));
      await client.subscribeAsync(topic, { qos: 1 });
      return new Subscription(client);
    } catch (cause) {
      const { text } = parseBrokerUrl(url);
      const message = `no broker at ${text}: ${connectionFault(cause)}`;
      throw new LstmdError('publish.unavailable', message);
    }
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
