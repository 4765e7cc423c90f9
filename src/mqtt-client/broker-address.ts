import { LstmdError } from '../base/errors.js';

/** A broker's URL, in parts. */
export interface BrokerAddress {
  /** Name or IP address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** The address as it may be logged: without credentials. */
  readonly text: string;
  /** From the URL; undefined where it has none. */
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/**
 * Reads a broker's URL. The port is 1883 where none is given, and 8883 for `mqtts`.
 *
 * @param url `mqtt://host[:port]` or `mqtts://host[:port]`
 * @throws LstmdError `config.invalid`; the message does not repeat the URL, which may hold a password
 */
export function parseBrokerUrl(url: string): BrokerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed?.protocol;
  if (parsed === undefined || (scheme !== 'mqtt:' && scheme !== 'mqtts:') || !parsed.hostname) {
    throw new LstmdError('config.invalid', 'mqtt.url: must be mqtt://host[:port] or mqtts://...');
  }
  const tls = scheme === 'mqtts:';
  const port = parsed.port === '' ? (tls ? 8883 : 1883) : Number(parsed.port);
  return {
    // An IPv6 address is in brackets in a URL and nowhere else.
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    tls,
    text: `${scheme}//${parsed.hostname}:${port}`,
    username: parsed.username === '' ? undefined : decodeURIComponent(parsed.username),
    password: parsed.password === '' ? undefined : decodeURIComponent(parsed.password),
  };
}
