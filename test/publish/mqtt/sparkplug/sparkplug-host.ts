import type { TestContext } from 'node:test';
import { connectAsync, type MqttClient } from 'mqtt';
import sparkplug from 'sparkplug-payload';

const codec = sparkplug.get('spBv1.0');

/** A metric as the decoder of Eclipse Tahu reads it. */
export interface HeardMetric {
  readonly name: string | undefined;
  readonly alias: number | undefined;
  readonly type: string;
  readonly value: unknown;
  readonly timestamp: number | undefined;
  readonly isHistorical: boolean;
}

export interface Heard {
  /** `NBIRTH`, or `DDATA spindle`: the type, and the device where there is one. */
  readonly what: string;
  readonly qos: number;
  readonly isRetained: boolean;
  readonly seq: number | undefined;
  readonly metrics: readonly HeardMetric[];
}

const numberOf = (value: unknown): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);

function read(topic: string, bytes: Uint8Array, qos: number, isRetained: boolean): Heard {
  const [, , type = '', , device] = topic.split('/');
  const { seq, metrics } = codec?.decodePayload(bytes) ?? {};
  return {
    what: device === undefined ? type : `${type} ${device}`,
    qos,
    isRetained,
    seq: numberOf(seq),
    metrics: (metrics ?? []).map((metric) => ({
      name: metric.name ?? undefined,
      alias: numberOf(metric.alias),
      type: metric.type,
      value: typeof metric.value === 'object' ? numberOf(metric.value) : metric.value,
      timestamp: numberOf(metric.timestamp),
      isHistorical: metric.isHistorical === true,
    })),
  };
}

/** A host application: it hears all of a group, and asks for births. Its session outlives the broker. */
export class SparkplugHost {
  readonly heard: Heard[] = [];
  readonly #client: MqttClient;
  #changed: () => void = () => {};

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on('error', () => {});
    client.on('message', (topic, bytes, { qos, retain }) => {
      if (!topic.includes('/NCMD/')) {
        this.heard.push(read(topic, bytes, qos, retain));
        this.#changed();
      }
    });
  }

  static async connect(t: TestContext, url: string): Promise<SparkplugHost> {
    const client = await connectAsync(url, {
      protocolVersion: 5,
      clientId: 'host',
      clean: false,
      properties: { sessionExpiryInterval: 3600 },
      reconnectPeriod: 20,
    });
    t.after(() => client.endAsync(true));
    const host = new SparkplugHost(client);
    await client.subscribeAsync('spBv1.0/plant/#', { qos: 1, rap: true });
    return host;
  }

  /** Asks the node to be born again. */
  async askForBirth(): Promise<void> {
    const command = codec?.encodePayload({
      timestamp: 1,
      metrics: [{ name: 'Node Control/Rebirth', type: 'Boolean', value: true }],
    });
    await this.send(command ?? new Uint8Array());
  }

  /** Says on its STATE topic whether it is there. */
  async state(online: boolean, timestamp: number): Promise<void> {
    const payload = JSON.stringify({ online, timestamp });
    await this.#client.publishAsync('spBv1.0/STATE/scada', payload, { qos: 1, retain: true });
  }

  async send(bytes: Uint8Array): Promise<void> {
    await this.#client.publishAsync('spBv1.0/plant/NCMD/press', Buffer.from(bytes), { qos: 1 });
  }

  /** Resolves with the first message from `from` on for which `isIt` holds. */
  async until(from: number, isIt: (heard: Heard) => boolean): Promise<Heard> {
    for (;;) {
      const found = this.heard.slice(from).find(isIt);
      if (found !== undefined) {
        return found;
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
