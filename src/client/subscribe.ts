import { connect, type IClientOptions, type MqttClient } from '../mqtt-client/library.js';
import { LstmdError } from '../base/errors.js';
import { parseBrokerUrl, urlsOf, type BrokerAddress } from '../mqtt-client/broker-address.js';
import { connectionFault } from '../mqtt-client/broker-socket.js';
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
  /** Default `5`; where the broker has no 5, as NATS, `3.1.1`. */
  readonly protocol?: '5' | '3.1.1';
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
 * subscriber with a `clientId` was still busy with when it ended comes again. It reconnects by itself until `close`. One
 * loop at a time reads it; one that was left can be followed by another.
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
   * @param url `mqtt://host[:port]`, `mqtts://...`, `ws://host[:port][/path]` or `wss://...`; or a list of those of a
   *   cluster, without paths, of which the next is tried where one is not there
   * @throws LstmdError `publish.unavailable` where no broker is there, or it refuses the connection or the subscription;
   *   `config.invalid` for the URL and the name of a group
   */
  static async open(
    url: string | readonly string[],
    options: SubscribeOptions = {},
  ): Promise<LstmdSubscription> {
    try {
      return await LstmdSubscription.#open(url, options);
    } catch (error) {
      if (options.protocol !== undefined || !isVersionRefused(error)) {
        throw error;
      }
      return LstmdSubscription.#open(url, { ...options, protocol: '3.1.1' });
    }
  }

  static async #open(
    url: string | readonly string[],
    options: SubscribeOptions,
  ): Promise<LstmdSubscription> {
    const { prefix = 'lstmd', device = '+', shareGroup } = options;
    if (shareGroup !== undefined && !/^[^+#/\0]+$/.test(shareGroup)) {
      throw new LstmdError('config.invalid', 'shareGroup: must be a text without +, # and /');
    }
    const addresses = urlsOf(url).map((each) => parseBrokerUrl(each, 'url'));
    const client = connectTo(url, addresses, clientOptions(options));
    const subscription = new LstmdSubscription(
      client,
      new MessageReader(prefix, { tellsMissing: shareGroup === undefined }),
    );
    try {
      const isResumed = await connected(client, addresses.length);
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
      const names = addresses.map(({ text }) => text).join(', ');
      const what = connectionFault(cause).replaceAll(/\bmqtt\.(ca|cert|key)\b/g, 'the option $1');
      throw new LstmdError('publish.unavailable', `${names}: ${what}`, { cause });
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

/** Begins to connect: to the one broker, or to each of several in turn. */
function connectTo(
  url: string | readonly string[],
  addresses: readonly BrokerAddress[],
  options: IClientOptions,
): MqttClient {
  const [first, ...others] = urlsOf(url);
  if (first === undefined) {
    throw new LstmdError('config.invalid', 'no URL of a broker');
  }
  if (others.length === 0) {
    return connect(first, options);
  }
  const schemes = new Set(urlsOf(url).map((each) => new URL(each).protocol));
  if (schemes.size > 1 || addresses.some(({ webSocketPath }) => webSocketPath !== undefined)) {
    throw new LstmdError(
      'config.invalid',
      'several brokers are either all mqtt:// or all mqtts://, and no WebSockets',
    );
  }
  const servers = addresses.map(
    ({ host, port, tls }) => ({ host, port, protocol: tls ? 'mqtts' : 'mqtt' }) as const,
  );
  return connect(first, { ...options, servers });
}

/**
 * Resolves when a broker has let the client in, and tells whether it had kept a session for it. Fails when each has failed.
 *
 * @param brokers how many are tried in turn
 */
function connected(client: MqttClient, brokers: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let failures = 0;
    const failed = (error: Error): void => {
      failures += 1;
      // A broker that was there and says no says so again.
      if (failures === brokers || ('code' in error && typeof error.code === 'number')) {
        client.off('error', failed);
        reject(error);
      }
    };
    client.on('error', failed);
    client.once('connect', ({ sessionPresent }) => {
      client.off('error', failed);
      resolve(sessionPresent);
    });
  });
}

/** Returns whether a broker said that it has no MQTT 5: by the code of 3.1.1 or by that of 5. */
function isVersionRefused(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 1 || code === 0x84;
}

function clientOptions(options: SubscribeOptions): IClientOptions {
  const { clientId, sessionSeconds = 86_400, username, password, ca, cert, key } = options;
  const isVersion5 = options.protocol !== '3.1.1';
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    protocolId: 'MQTT',
    protocolVersion: isVersion5 ? 5 : 4,
    reconnectPeriod: reconnectMs,
    // A broker that has just begun may refuse for a moment, which must not be the end of a subscription.
    reconnectOnConnackError: true,
    ...(clientId === undefined
      ? {}
      : {
          clientId,
          clean: false,
          ...(isVersion5 && { properties: { sessionExpiryInterval: sessionSeconds } }),
        }),
  };
}
