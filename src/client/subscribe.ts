import { connect, type IClientOptions, type MqttClient } from '../mqtt-client/library.js';
import { LstmdError, messageOf } from '../base/errors.js';
import { parseBrokerUrl } from '../mqtt-client/broker-address.js';
import { MessageReader } from './message-reader.js';
import type { Message } from './messages.js';

export interface SubscribeOptions {
  /** `mqtt.prefix` of the devices; default `lstmd`. */
  readonly prefix?: string;
  /** Only this device's; default all. */
  readonly device?: string;
  /**
   * With an id the broker keeps what comes while this subscriber is away, for `sessionSeconds`. It must be this
   * subscriber's alone.
   */
  readonly clientId?: string;
  /** How long the broker keeps the session of `clientId`, seconds; default a day. MQTT 3.1.1 brokers decide themselves. */
  readonly sessionSeconds?: number;
  /**
   * Shares the records with the other subscribers of the group: each message goes to one of them. What is retained is not
   * sent to a group, and nobody in it can tell what is missing.
   */
  readonly shareGroup?: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM texts for `mqtts://`: the authority, the client's certificate and its key. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** A wait for the next connection; the library makes it anew each time. */
const reconnectMs = 1000;

/**
 * Gives what the devices of a broker publish, as it comes: `for await (const message of subscription)`. Duplicates are left
 * out, missing predictions are told. A message is acknowledged to the broker when the next one is asked for: what a
 * subscriber with a `clientId` was still busy with when it ended comes again. It reconnects by itself until `close`.
 */
export class LstmdSubscription implements AsyncIterable<Message> {
  readonly #client: MqttClient;
  readonly #reader: MessageReader;
  readonly #waiting: { readonly message: Message; readonly handled: () => void }[] = [];
  #wake: () => void = () => {};
  /** Acknowledges the message that was given last; a loop that was left has not done so. */
  #handled: () => void = () => {};
  #isClosed = false;
  #error: Error | undefined;

  private constructor(client: MqttClient, reader: MessageReader) {
    this.#client = client;
    this.#reader = reader;
    this.#listen();
  }

  /**
   * Connects and subscribes at QoS 1.
   *
   * @param url `mqtt://host[:port]`, `mqtts://...`, `ws://host[:port][/path]` or `wss://...`
   * @throws LstmdError `publish.unavailable` where the broker is not there or refuses; `config.invalid` for the URL
   */
  static async open(url: string, options: SubscribeOptions = {}): Promise<LstmdSubscription> {
    const { prefix = 'lstmd', device = '+', shareGroup } = options;
    if (shareGroup !== undefined && !/^[^+#/\0]+$/.test(shareGroup)) {
      throw new LstmdError('config.invalid', 'shareGroup: must be a text without +, # and /');
    }
    const address = parseBrokerUrl(url);
    const client = connect(url, clientOptions(options));
    const subscription = new LstmdSubscription(
      client,
      new MessageReader(prefix, { tellsMissing: shareGroup === undefined }),
    );
    try {
      const isResumed = await connected(client);
      const subscribed = client.subscribeAsync(
        `${shareGroup === undefined ? '' : `$share/${shareGroup}/`}${prefix}/${device}/#`,
        { qos: 1 },
      );
      if (isResumed) {
        // The broker sends the messages that the session has kept first, and its answer to this behind them.
        subscribed.catch((error: Error) => subscription.#fail(error));
      } else {
        await subscribed;
      }
      return subscription;
    } catch (cause) {
      client.end(true);
      throw new LstmdError('publish.unavailable', `${address.text}: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  /** Records that came again and were left out. */
  get duplicates(): number {
    return this.#reader.duplicates;
  }

  /** Returns whether the broker is there now. */
  get isConnected(): boolean {
    return this.#client.connected;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Message> {
    while (!this.#isClosed) {
      this.#handled();
      this.#handled = () => {};
      if (this.#error !== undefined) {
        throw this.#error;
      }
      const next = this.#waiting.shift();
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#handled = next.handled;
      yield next.message;
    }
  }

  /** Ends the connection, and what iterates. With a `clientId` the broker keeps the session. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    await this.#client.endAsync(true);
  }

  #fail(error: Error): void {
    this.#error = error;
    this.#wake();
  }

  #listen(): void {
    // Without a listener an error would end the process; the library connects anew after each.
    this.#client.on('error', () => {});
    // The library acknowledges a message when this is done with it, and takes no other one before.
    this.#client.handleMessage = (packet, done) => {
      const payload =
        typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      const messages = this.#reader.read(packet.topic, payload);
      const last = messages.at(-1);
      if (last === undefined) {
        done();
        return;
      }
      for (const message of messages) {
        this.#waiting.push({ message, handled: message === last ? done : () => {} });
      }
      this.#wake();
    };
  }
}

/** Resolves when the broker has let the client in, and tells whether it had kept a session for it. */
function connected(client: MqttClient): Promise<boolean> {
  return new Promise((resolve, reject) => {
    client.once('connect', ({ sessionPresent }) => resolve(sessionPresent));
    client.once('error', reject);
  });
}

function clientOptions(options: SubscribeOptions): IClientOptions {
  const { clientId, sessionSeconds = 86_400, username, password, ca, cert, key } = options;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    protocolVersion: 5,
    reconnectPeriod: reconnectMs,
    ...(clientId === undefined
      ? {}
      : {
          clientId,
          clean: false,
          properties: { sessionExpiryInterval: sessionSeconds },
        }),
  };
}
