import type { Log } from '../../base/log.js';
import type { BackoffOptions } from '../../mqtt-client/backoff.js';
import type { Secrets } from '../../mqtt-client/secrets.js';
import type { ProtocolVersion } from './client-options.js';

/** The broker, and how it is connected to. */
export interface BrokerOptions {
  /** `mqtt://host[:port]`, `mqtts://...`, `ws://host[:port][/path]` or `wss://...`; of several one is connected to. */
  readonly url: string | readonly string[];
  readonly clientId: string;
  readonly username?: string | undefined;
  /** Password and certificates as they are now, asked for at each attempt. */
  readonly secrets?: (signal: AbortSignal) => Promise<Secrets>;
  /** `5` falls back to `3.1.1` where the broker has no 5. */
  readonly protocol: ProtocolVersion;
  /** In MQTT 5 the broker publishes the will only after so long without a connection; default 0. */
  readonly willDelaySeconds?: number | undefined;
  readonly keepaliveSeconds: number;
  readonly backoff?: BackoffOptions;
  /** Bound of the time to connect (address, TCP and TLS), and again of that to the broker's CONNACK. */
  readonly connectTimeoutMs?: number;
  /** Without an answer to a publish for so long a connection is given up; default 30 s. */
  readonly answerTimeoutMs?: number;
  readonly log: Log;
}
