import type { SecureContext } from 'node:tls';
import { LstmdError, messageOf } from '../../base/errors.js';
import type { Log } from '../../base/log.js';
import { backoffMs, type BackoffOptions } from './backoff.js';
import { parseBrokerUrl, type BrokerAddress } from './broker-address.js';
import { openBrokerSocket, secureContext, type TlsMaterial } from './broker-socket.js';
import type { Outbox } from '../outbox/outbox.js';
import type { OutboxRecord, Qos } from '../outbox/record.js';
import { RetainedValues } from './retained-values.js';
import { ConnectRefusedError, Session, type ProtocolVersion, type Will } from './session.js';

export interface ConnectorOptions {
  /** `mqtt://host[:port]` or `mqtts://host[:port]`. */
  readonly url: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: TlsMaterial;
  /** `5` falls back to `3.1.1` where the broker has no 5. */
  readonly protocol: ProtocolVersion;
  readonly keepaliveSeconds: number;
  /** Where `online` and `offline` go, retained. */
  readonly statusTopic: string;
  readonly outbox: Outbox;
  readonly log: Log;
  /** Unacknowledged publishes at a time. */
  readonly window?: number;
  readonly backoff?: BackoffOptions;
  /** For each of: address and TLS, and the broker's CONNACK. */
  readonly connectTimeoutMs?: number;
  /** Wall time, epoch milliseconds. */
  readonly now?: () => number;
}

export interface ConnectorStats {
  readonly connected: boolean;
  /** Connections since the start. */
  readonly connects: number;
  readonly failedAttempts: number;
  readonly protocol: ProtocolVersion;
}

const defaultWindow = 64;
const defaultBackoff: BackoffOptions = { minMs: 1000, maxMs: 30_000 };
const defaultConnectTimeoutMs = 20_000;
/** A connection that held this long was a good one: the next failure begins the backoff anew. */
const goodConnectionMs = 10_000;
/** Of the time that `stop` has, the share in which it still sends records. */
const flushShare = 0.75;

/**
 * Keeps a connection to the broker and takes the outbox's records over it, at least once and in the
 * outbox's order; a subscriber drops the duplicates by (boot, seq).
 */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #retained = new RetainedValues();
  readonly #kill = new AbortController();
  #address: BrokerAddress | undefined;
  #context: SecureContext | undefined;
  #protocol: ProtocolVersion;
  #versionRefused = false;
  #will: Pick<Will, 'qos' | 'retain'> = { qos: 1, retain: true };
  #session: Session | undefined;
  #inFlight = 0;
  #window = 0;
  #pumping = false;
  #takesRecords = true;
  #stopping = false;
  #ending = false;
  #retryAtOnce = false;
  #running: Promise<void> | undefined;
  #stopped: Promise<{ pending: number }> | undefined;
  #wake: () => void = () => {};
  #idle: () => void = () => {};
  #failures = 0;
  #connects = 0;
  #failedAttempts = 0;
  #reported: string | undefined;
  #reportedRefusal: string | undefined;

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#protocol = options.protocol;
    options.outbox.onReady = () => this.#pump();
  }

  /**
   * Starts connecting in the background and returns at once. Whatever goes wrong from here on
   * is logged and tried again.
   *
   * @throws LstmdError `config.invalid` for a URL, a certificate or a key that can never work
   */
  start(): void {
    if (this.#running !== undefined || this.#stopping) {
      return;
    }
    const { url, tls } = this.#options;
    this.#address = parseBrokerUrl(url);
    this.#context = this.#address.tls ? secureContext(tls ?? {}) : undefined;
    this.#running = this.#run(this.#address);
  }

  /** Gives a record to the outbox, and to the broker as soon as it can be. */
  publish(topic: string, payload: string, qos: Qos): void {
    this.#options.outbox.offer(topic, payload, qos);
    this.#pump();
  }

  /** Publishes a topic's latest value, retained; an earlier one that still waits is forgotten. */
  retain(topic: string, payload: string): void {
    this.#retained.set(topic, payload);
    this.#pump();
  }

  get stats(): ConnectorStats {
    return {
      connected: this.#session !== undefined,
      connects: this.#connects,
      failedAttempts: this.#failedAttempts,
      protocol: this.#protocol,
    };
  }

  /**
   * Sends what waits in memory, says `offline` and disconnects; at the deadline it drops the
   * connection instead. Without a connection it tries once more, if records wait. May be called again.
   *
   * @returns the records that are left
   */
  stop(options: { readonly deadlineMs: number }): Promise<{ pending: number }> {
    this.#stopped ??= this.#stop(options.deadlineMs);
    return this.#stopped;
  }

  async #run(address: BrokerAddress): Promise<void> {
    for (;;) {
      const last = this.#stopping;
      await this.#connectOnce(address);
      if (this.#ending || this.#kill.signal.aborted || (last && !this.#retryAtOnce)) {
        return;
      }
      if (!this.#stopping && !this.#retryAtOnce) {
        await this.#pause();
      }
      if (this.#stopping && this.#options.outbox.unsent === 0) {
        return;
      }
    }
  }

  /** One attempt and, where it succeeds, the connection to its end. Does not throw. */
  async #connectOnce(address: BrokerAddress): Promise<void> {
    let connectedMs: number | undefined;
    this.#retryAtOnce = false;
    try {
      const session = await this.#open(address);
      connectedMs = performance.now();
      this.#begin(session, address);
      const reason = await session.closed;
      if (!this.#versionRefused) {
        this.#protocol = this.#options.protocol;
      }
      if (!this.#stopping) {
        this.#report(`${address.text}: connection lost: ${reason}`);
      }
    } catch (error) {
      this.#failedAttempts += 1;
      if (!this.#stopping && !this.#retryAtOnce) {
        this.#report(messageOf(error));
      }
    } finally {
      this.#session = undefined;
      this.#options.outbox.requeue();
      this.#idle();
    }
    const good = connectedMs !== undefined && performance.now() - connectedMs > goodConnectionMs;
    this.#failures = good ? 1 : this.#failures + 1;
  }

  async #open(address: BrokerAddress): Promise<Session> {
    const { clientId, keepaliveSeconds, statusTopic } = this.#options;
    const timeoutMs = this.#options.connectTimeoutMs ?? defaultConnectTimeoutMs;
    const attempt = new AbortController();
    const abort = (): void => attempt.abort(new Error('stopped'));
    this.#kill.signal.addEventListener('abort', abort);
    const timer = setTimeout(() => attempt.abort(new Error('no answer')), timeoutMs);
    try {
      const socket = await openBrokerSocket(address, this.#context, attempt.signal);
      clearTimeout(timer);
      attempt.signal.addEventListener('abort', () => socket.destroy());
      return await Session.open(socket, {
        clientId,
        version: this.#protocol,
        username: this.#options.username ?? address.username,
        password: this.#options.password ?? address.password,
        keepaliveSeconds,
        connackTimeoutMs: timeoutMs,
        will: { topic: statusTopic, payload: this.#status('offline'), ...this.#will },
      });
    } catch (error) {
      if (!(error instanceof ConnectRefusedError)) {
        throw error;
      }
      this.#yield(error);
      throw new LstmdError('publish.unavailable', `${address.text}: ${error.message}`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
      this.#kill.signal.removeEventListener('abort', abort);
    }
  }

  /**
   * What a refused CONNECT tells of the next. A broker that knows no version 5 says so, or hangs up
   * on what it cannot read: the first is final; after the second the versions take turns, for a
   * hang-up can mean anything. What it takes of a will only its refusal tells.
   */
  #yield(refusal: ConnectRefusedError): void {
    if (refusal.isRetainRefused && this.#will.retain) {
      this.#will = { ...this.#will, retain: false };
      this.#retryAtOnce = true;
    } else if (refusal.isQosRefused && this.#will.qos > 0) {
      this.#will = { ...this.#will, qos: 0 };
      this.#retryAtOnce = true;
    } else if (this.#options.protocol === '5' && !this.#versionRefused) {
      if (refusal.isVersionRefused && this.#protocol === '5') {
        this.#versionRefused = true;
        this.#protocol = '3.1.1';
        this.#retryAtOnce = true;
      } else if (refusal.code === undefined) {
        this.#protocol = this.#protocol === '5' ? '3.1.1' : '5';
      }
    }
  }

  #begin(session: Session, address: BrokerAddress): void {
    const { log, statusTopic, window = defaultWindow } = this.#options;
    this.#session = session;
    this.#connects += 1;
    this.#reported = undefined;
    this.#inFlight = 0;
    // MQTT 5, 4.9: more unacknowledged publishes than that, and the broker ends the connection.
    this.#window = Math.min(window, session.limits.receiveMaximum);
    this.#retained.requeue();
    log.info({ broker: address.text, protocol: this.#protocol }, 'connected to the broker');
    this.retain(statusTopic, this.#status('online'));
  }

  /** Sends as much as the window allows: retained values first, then records as the outbox gives them. */
  #pump(): void {
    const session = this.#session;
    // A publish at QoS 0 is done before it returns, and comes back here through its callback.
    if (session === undefined || this.#pumping) {
      return;
    }
    this.#pumping = true;
    while (this.#inFlight < this.#window) {
      if (!this.#sendRetained(session) && !this.#sendRecord(session)) {
        break;
      }
    }
    this.#pumping = false;
  }

  #sendRetained(session: Session): boolean {
    const value = this.#retained.take();
    if (value === undefined) {
      return false;
    }
    this.#inFlight += 1;
    const qos = session.limits.maximumQos === 0 ? 0 : 1;
    session.publish(value.topic, value.payload, qos, true, 0, (refusal) => {
      if (session !== this.#session) {
        return;
      }
      value.landed();
      this.#settled(value.topic, refusal);
    });
    return true;
  }

  #sendRecord(session: Session): boolean {
    const { outbox } = this.#options;
    const record = this.#takesRecords ? outbox.take(!this.#stopping) : undefined;
    if (record === undefined) {
      return false;
    }
    const { topic, payload } = record;
    const { maximumQos, maximumPacketBytes } = session.limits;
    if (record.bytes + topic.length > maximumPacketBytes) {
      outbox.drop(record, 'tooLarge');
      return true;
    }
    const qos = record.qos > maximumQos ? maximumQos : record.qos;
    this.#inFlight += 1;
    session.publish(topic, payload, qos, false, this.#expirySeconds(record), (refusal) => {
      if (session !== this.#session) {
        return;
      }
      if (refusal === undefined) {
        outbox.delivered(record);
      } else {
        outbox.drop(record, 'refused');
      }
      this.#settled(topic, refusal);
    });
    return true;
  }

  /** What is left of a record's life, for the broker to end it where we would have. */
  #expirySeconds(record: OutboxRecord): number {
    const { outbox } = this.#options;
    const leftSeconds = Math.ceil((outbox.maxAgeMs - outbox.ageMs(record)) / 1000);
    return Math.min(0xffff_ffff, Math.max(1, leftSeconds));
  }

  #settled(topic: string, refusal: string | undefined): void {
    this.#inFlight -= 1;
    if (refusal !== undefined && refusal !== this.#reportedRefusal) {
      this.#options.log.warn({ topic, reason: refusal }, 'the broker refuses what is published');
      this.#reportedRefusal = refusal;
    }
    this.#pump();
    this.#idle();
  }

  /** Once a reason, not once an attempt. */
  #report(reason: string): void {
    if (reason === this.#reported) {
      return;
    }
    this.#reported = reason;
    this.#options.log.warn({ reason }, 'no connection to the broker: trying again');
  }

  #status(state: 'online' | 'offline'): string {
    return `{"state":"${state}","ts":${(this.#options.now ?? Date.now)()}}`;
  }

  async #pause(): Promise<void> {
    const ms = backoffMs(this.#failures, this.#options.backoff ?? defaultBackoff);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }

  async #stop(deadlineMs: number): Promise<{ pending: number }> {
    this.#stopping = true;
    const { outbox, statusTopic } = this.#options;
    const running = this.#running;
    if (running === undefined) {
      return { pending: outbox.pending };
    }
    this.#wake();
    const stopFlush = setTimeout(() => {
      this.#takesRecords = false;
      this.#idle();
    }, flushShare * deadlineMs);
    const kill = setTimeout(() => {
      this.#kill.abort();
      this.#session?.destroy();
    }, deadlineMs);
    try {
      const over = running.then(() => true);
      const flushed = this.#whenIdle(
        () => this.#inFlight === 0 && (!this.#takesRecords || outbox.unsent === 0),
      );
      if (!(await Promise.race([over, flushed.then(() => false)]))) {
        this.#takesRecords = false;
        this.retain(statusTopic, this.#status('offline'));
        await Promise.race([over, this.#whenIdle(() => this.#inFlight === 0)]);
        this.#ending = true;
        this.#session?.end();
        await running;
      }
    } finally {
      clearTimeout(stopFlush);
      clearTimeout(kill);
    }
    return { pending: outbox.pending };
  }

  /** Resolves when there is a connection and `done` holds on it. */
  #whenIdle(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = () => {
        if (this.#session !== undefined && done()) {
          resolve();
        }
      };
      this.#idle();
    });
  }
}
