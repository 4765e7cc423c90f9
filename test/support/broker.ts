import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { needsProgram } from './requirement.js';

const program = '/usr/sbin/mosquitto';

/** `skip` option of a test that needs a real broker. */
export function needsBroker(): string | false {
  return needsProgram(program, 'mosquitto');
}

export interface BrokerOptions {
  /** Lines of mosquitto.conf beside the listener's; default: anyone may connect. */
  readonly config?: string;
}

/** A message as a subscriber got it. */
export interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: number;
  readonly expirySeconds: number | undefined;
  readonly contentType: string | undefined;
}

/** A real Mosquitto on a free port of the loopback, which can go away and come back. */
export class Broker {
  readonly port: number;
  readonly #directory: string;
  #config: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, directory: string, config: string) {
    this.port = port;
    this.#directory = directory;
    this.#config = config;
  }

  /** Chooses the port and starts nothing yet. */
  static async create(options: BrokerOptions = {}): Promise<Broker> {
    const directory = await mkdtemp(join(tmpdir(), 'lstmd-broker-'));
    return new Broker(await freePort(), directory, options.config ?? 'allow_anonymous true');
  }

  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const broker = await Broker.create(options);
    await broker.start();
    return broker;
  }

  /** Starts one and subscribes to it, both until the test is over. */
  static async withSubscriber(
    t: TestContext,
    filter?: string,
  ): Promise<{ broker: Broker; subscriber: Subscriber }> {
    const broker = await Broker.start();
    const subscriber = await broker.subscribe(filter);
    t.after(async () => {
      await subscriber.end();
      await broker.remove();
    });
    return { broker, subscriber };
  }

  /** Sessions and retained messages outlive a SIGTERM, and a slow subscriber loses nothing. */
  #common(): string {
    return [
      `user ${userInfo().username}`,
      'persistence true',
      `persistence_location ${this.#directory}/`,
      'max_queued_messages 0',
      '',
    ].join('\n');
  }

  /** Its own folder, for password and certificate files. */
  get directory(): string {
    return this.#directory;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Starts it, with another configuration if one is given, and returns when it answers. */
  async start(config = this.#config): Promise<void> {
    this.#config = config;
    const file = join(this.#directory, 'mosquitto.conf');
    await writeFile(file, `${this.#common()}listener ${this.port} 127.0.0.1\n${config}\n`);
    const child = spawn(program, ['-c', file], { stdio: 'ignore' });
    this.#process = child;
    const kill = (): boolean => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    while (child.exitCode === null && !(await answers(this.port))) {
      // Mosquitto says nowhere that it is ready, and a refused connection comes back at once.
      await sleep(5);
    }
    if (child.exitCode !== null) {
      throw new Error(`mosquitto ended with ${child.exitCode}`);
    }
  }

  /** Ends it, by default as a power cut would. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  /** Stops its process without ending it: connections stay and nothing is answered. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** Lets it go on after `freeze`. */
  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#directory, { recursive: true });
  }

  /** Subscribes to everything. Its session stays when the broker is stopped by SIGTERM. */
  async subscribe(filter = '#'): Promise<Subscriber> {
    const client = connect({
      host: '127.0.0.1',
      port: this.port,
      protocolVersion: 5,
      reconnectPeriod: 20,
      clientId: 'subscriber',
      clean: false,
      properties: { sessionExpiryInterval: 3600 },
    });
    client.on('error', () => {});
    const subscriber = new Subscriber(client);
    await client.subscribeAsync(filter, { qos: 1, rap: true });
    return subscriber;
  }
}

/** A subscriber with the messages that it received, in their order. */
export class Subscriber {
  readonly received: Received[] = [];
  readonly #client: MqttClient;
  #heard: () => void = () => {};

  constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload, packet) => {
      this.received.push({
        topic,
        payload: payload.toString(),
        retain: packet.retain,
        qos: packet.qos,
        expirySeconds: packet.properties?.messageExpiryInterval,
        contentType: packet.properties?.contentType,
      });
      this.#heard();
    });
  }

  on(topic: string): Received[] {
    return this.received.filter((message) => message.topic === topic);
  }

  /** Resolves when the messages so far satisfy `done`. */
  until(done: (received: readonly Received[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = () => {
        if (done(this.received)) {
          resolve();
        }
      };
      this.#heard();
    });
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true);
  }
}

/**
 * A free port below those that the system gives to outgoing connections: one of these could take it,
 * or keep it for a minute after its end, while the broker that it belongs to is down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** A CONNECT of MQTT 3.1.1 with a clean session and an empty client id. */
const connectPacket = Buffer.from('100c00044d5154540402003c0000', 'hex');

/**
 * Returns whether a broker says anything to a CONNECT, be it no. That it listens is not enough: Mosquitto
 * (2.0.11) forgets a SIGTERM that comes between its listening and the start of its loop.
 */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp({ port, host: '127.0.0.1' });
    let connected = false;
    socket.once('connect', () => {
      connected = true;
      socket.write(connectPacket);
    });
    socket.once('data', () => socket.destroy());
    socket.once('error', () => socket.destroy());
    socket.once('close', () => resolve(connected));
  });
}
