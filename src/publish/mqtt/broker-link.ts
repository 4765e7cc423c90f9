import { messageOf } from '../../base/errors.js';
import { RepeatedLine } from '../../base/repeated-line.js';
import { waitForWake } from '../../base/wait-for-wake.js';
import { backoffMs, type BackoffOptions } from '../../mqtt-client/backoff.js';
import { noAnswer, openBrokerSocket, secureContext } from '../../mqtt-client/broker-socket.js';
import type { ProtocolVersion } from './client-options.js';
import { ConnectRefusedError } from '../../mqtt-client/connect-refused-error.js';
import type { BrokerOptions } from './broker-options.js';
import { BrokerRound, type AttemptEnd, type Target } from './broker-round.js';
import { ContestedId } from './contested-id.js';
import type { PublishScheme } from './publish-scheme.js';
import { refusalHint } from './refusal-hint.js';
import { Session } from './session.js';
import type { SessionEnd } from './session-end.js';

export interface BrokerLinkOptions extends BrokerOptions {
  readonly will: PublishScheme['will'];
  /** Told of each connection, before anything else comes over it. */
  readonly connected: (session: Session) => void;
  /** Told of the end of each connection. */
  readonly disconnected: (end: SessionEnd) => void;
}

export const defaultBackoff: BackoffOptions = { minMs: 1000, maxMs: 30_000 };
const defaultConnectTimeoutMs = 20_000;
const defaultAnswerTimeoutMs = 30_000;
/** How long a broker may take to close after a DISCONNECT. */
const maximumEndMs = 1000;
/** A connection that held this long was a good one: the next failure begins the backoff anew. */
const goodConnectionMs = 10_000;

/** A broker may come and go a few times a minute before its coming and going is only counted. */
const linesAMinute = 6;

/** The link goes from `idle` over the three in the middle, in any order, to `over`. */
type LinkState =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly attempt: AbortController }
  | { readonly name: 'connected'; readonly session: Session }
  | { readonly name: 'waiting'; readonly wake: () => void }
  | { readonly name: 'over' };

/** Says which attempts may still begin. */
type FurtherAttempts =
  | { readonly name: 'any' }
  /** One more, if there is a reason for it, and those that follow it at once. */
  | { readonly name: 'last'; readonly isWanted: () => boolean }
  | { readonly name: 'none' };

/** Keeps a connection to a broker: after each that ends or fails it waits and makes another. */
export class BrokerLink {
  readonly #options: BrokerLinkOptions;
  /** Made at the start. */
  #round: BrokerRound | undefined;
  #state: LinkState = { name: 'idle' };
  #further: FurtherAttempts = { name: 'any' };
  #running: Promise<void> = Promise.resolve();
  /** Attempts in a row that came to no good connection. */
  #failures = 0;
  #connects = 0;
  #failedAttempts = 0;
  /** The reasons that were logged last, since the last connection. */
  readonly #reported = new Set<string>();
  readonly #contested: ContestedId;
  readonly #lines: Readonly<Record<'connected' | 'unconnected' | 'contested', RepeatedLine>>;

  constructor(options: BrokerLinkOptions) {
    const { clientId, log } = options;
    this.#options = options;
    this.#contested = new ContestedId(clientId);
    this.#lines = {
      connected: new RepeatedLine((fields, message) => log.info(fields, message), linesAMinute),
      unconnected: new RepeatedLine((fields, message) => log.warn(fields, message), linesAMinute),
      contested: new RepeatedLine((fields, message) => log.warn(fields, message)),
    };
  }

  /**
   * Begins to connect in the background, and returns at once. Whatever goes wrong from here on is
   * logged and tried again. Does nothing after the first call, and after `finish`.
   *
   * @throws LstmdError `config.invalid` for a URL that can never work
   */
  start(): void {
    if (this.#state.name !== 'idle') {
      return;
    }
    const { url, protocol } = this.#options;
    this.#round = new BrokerRound(url, protocol);
    this.#running = this.#run(this.#round);
  }

  get isStarted(): boolean {
    return this.#state.name !== 'idle';
  }

  get isConnected(): boolean {
    return this.#state.name === 'connected';
  }

  /** Connections since the start. */
  get connects(): number {
    return this.#connects;
  }

  get failedAttempts(): number {
    return this.#failedAttempts;
  }

  /** Protocol of this connection, or of the next attempt. */
  get protocol(): ProtocolVersion {
    return this.#round?.current.terms.version ?? this.#options.protocol;
  }

  /** Resolves when the link is over. Never rejects. */
  get over(): Promise<void> {
    return this.#running;
  }

  /**
   * Ends the waiting: the connection or attempt of now goes on, and at most one attempt more is made.
   * Failures are no longer logged.
   *
   * @param isWanted whether there is a reason for that attempt, asked when it would begin
   */
  finish(isWanted: () => boolean): void {
    this.#further = { name: 'last', isWanted };
    if (this.#state.name === 'idle') {
      this.#state = { name: 'over' };
    } else if (this.#state.name === 'waiting') {
      this.#state.wake();
    }
  }

  /** Sends DISCONNECT, upon which the broker forgets the will, and connects no more. */
  end(): void {
    this.#further = { name: 'none' };
    if (this.#state.name === 'connected') {
      this.#state.session.end();
    }
  }

  /** Drops the connection as a network would: it is made anew like any that was lost. */
  cut(): void {
    if (this.#state.name === 'connected') {
      this.#state.session.destroy();
    }
  }

  /** Drops the connection or the attempt at once, and connects no more. */
  destroy(): void {
    this.#further = { name: 'none' };
    if (this.#state.name === 'connecting') {
      this.#state.attempt.abort(new Error('stopped'));
    } else if (this.#state.name === 'connected') {
      this.#state.session.destroy();
    }
  }

  async #run(round: BrokerRound): Promise<void> {
    for (;;) {
      const isLast = this.#further.name === 'last';
      const end = round.after(await this.#connect(round.current));
      const isAtOnce = end === 'adapted' || end === 'next';
      if (isLast && !isAtOnce) {
        break;
      }
      if (this.#further.name === 'any' && !isAtOnce) {
        await this.#wait();
      }
      if (!this.#isAttemptWanted()) {
        break;
      }
    }
    this.#state = { name: 'over' };
    for (const line of Object.values(this.#lines)) {
      line.flush();
    }
  }

  #isAttemptWanted(): boolean {
    switch (this.#further.name) {
      case 'any':
        return true;
      case 'last':
        return this.#further.isWanted();
      case 'none':
        return false;
    }
  }

  /** One attempt and, where it succeeds, the connection to its end. Does not throw. */
  async #connect({ address, terms }: Target): Promise<AttemptEnd> {
    const { connected, disconnected } = this.#options;
    const attempt = new AbortController();
    this.#state = { name: 'connecting', attempt };
    let session: Session;
    try {
      session = await this.#open({ address, terms }, attempt);
    } catch (error) {
      this.#failedAttempts += 1;
      this.#failures += 1;
      const isRefusal = error instanceof ConnectRefusedError;
      if (isRefusal && terms.learn(error)) {
        return 'adapted';
      }
      if (!isRefusal) {
        this.#contested.unreachable();
      }
      this.#report(
        isRefusal
          ? `${address.text}: ${error.message}${refusalHint(error, address)}`
          : messageOf(error),
      );
      return 'failed';
    }
    if (!terms.accepted()) {
      attempt.signal.addEventListener('abort', () => session.destroy());
      session.end();
      const timer = setTimeout(() => session.destroy(), maximumEndMs);
      await session.closed;
      clearTimeout(timer);
      return 'adapted';
    }
    const connectedMs = performance.now();
    this.#state = { name: 'connected', session };
    this.#connects += 1;
    this.#reported.clear();
    this.#lines.connected.say(
      { broker: address.text, protocol: this.protocol },
      'connected to the broker',
    );
    connected(session);
    const end = await session.closed;
    const isGood = performance.now() - connectedMs > goodConnectionMs;
    this.#failures = isGood ? 1 : this.#failures + 1;
    this.#report(`${address.text}: connection lost: ${end.reason}`);
    const contest = this.#contested.ended(end);
    if (contest !== undefined && this.#further.name === 'any') {
      this.#lines.contested.say({ broker: address.text }, contest);
    }
    disconnected(end);
    return 'disconnected';
  }

  async #open({ address, terms }: Target, attempt: AbortController): Promise<Session> {
    const { clientId, username, secrets, keepaliveSeconds } = this.#options;
    const { will, willDelaySeconds = 0 } = this.#options;
    const { connectTimeoutMs = defaultConnectTimeoutMs } = this.#options;
    const { answerTimeoutMs = defaultAnswerTimeoutMs } = this.#options;
    const timer = setTimeout(() => attempt.abort(new Error(noAnswer)), connectTimeoutMs);
    try {
      const { password, ...tls } = (await secrets?.(attempt.signal)) ?? {};
      const context = address.tls ? await secureContext(tls) : undefined;
      const socket = await openBrokerSocket(address, context, attempt.signal, {
        isBufferReused: true,
      });
      clearTimeout(timer);
      attempt.signal.addEventListener('abort', () => socket.destroy());
      return await Session.open(socket, {
        clientId,
        version: terms.version,
        username: username ?? address.username,
        password: password ?? address.password,
        keepaliveSeconds,
        connackTimeoutMs: connectTimeoutMs,
        answerTimeoutMs,
        will: {
          topic: will.topic,
          payload: will.payload(),
          qos: terms.will.qos,
          retain: terms.will.retain && will.isRetained,
          delaySeconds: willDelaySeconds,
        },
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async #wait(): Promise<void> {
    const ms = backoffMs(this.#failures, this.#options.backoff ?? defaultBackoff);
    await waitForWake(ms, (wake) => {
      this.#state = { name: 'waiting', wake };
    });
  }

  /** Logs a reason once, not at each attempt that fails for it; nothing while the link is finishing. */
  #report(reason: string): void {
    if (this.#reported.has(reason) || this.#further.name !== 'any') {
      return;
    }
    if (this.#reported.size >= (this.#round?.size ?? 1)) {
      this.#reported.clear();
    }
    this.#reported.add(reason);
    this.#lines.unconnected.say({ reason }, 'no connection to the broker: trying again');
  }
}
