import { LstmdError } from '../base/errors.js';
import { hostOfUrl } from '../base/url-host.js';

/** A broker's URL, in parts. */
export interface BrokerAddress {
  /** Name or IP address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** The path of a WebSocket, such as `/mqtt`; undefined for a connection without one. */
  readonly webSocketPath: string | undefined;
  /** The address as it may be logged: without credentials. */
  readonly text: string;
  /** From the URL; undefined where it has none. */
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** The scheme of each kind of connection, with its port where the URL has none. */
const schemes: Readonly<
  Record<string, { readonly port: number; readonly tls: boolean; readonly isWebSocket: boolean }>
> = {
  'mqtt:': { port: 1883, tls: false, isWebSocket: false },
  'mqtts:': { port: 8883, tls: true, isWebSocket: false },
  'ws:': { port: 80, tls: false, isWebSocket: true },
  'wss:': { port: 443, tls: true, isWebSocket: true },
};

/**
 * Reads a broker's URL. The port is 1883 where none is given, 8883 for `mqtts`, 80 for `ws` and 443 for `wss`.
 *
 * @param url `mqtt://host[:port]`, `mqtts://host[:port]`, `ws://host[:port][/path]` or `wss://host[:port][/path]`
 * @param name what the message calls the URL
 * @throws LstmdError `config.invalid`; the message does not repeat the URL, which may hold a password
 */
export function parseBrokerUrl(url: string, name = 'mqtt.url'): BrokerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed && schemes[parsed.protocol];
  if (parsed === undefined || scheme === undefined || !parsed.hostname) {
    throw new LstmdError(
      'config.invalid',
      `${name}: must be mqtt://host[:port], mqtts://..., ws://host[:port][/path] or wss://...`,
    );
  }
  const { tls, isWebSocket } = scheme;
  const port = parsed.port === '' ? scheme.port : Number(parsed.port);
  const path = isWebSocket ? `${parsed.pathname}${parsed.search}` : undefined;
  return {
    host: hostOfUrl(parsed),
    port,
    tls,
    webSocketPath: path,
    text: `${parsed.protocol}//${parsed.hostname}:${port}${isWebSocket ? parsed.pathname : ''}`,
    username: parsed.username === '' ? undefined : decodeURIComponent(parsed.username),
    password: parsed.password === '' ? undefined : decodeURIComponent(parsed.password),
  };
}

/** The URLs of an option that may be one or several. */
export function urlsOf(url: string | readonly string[]): readonly string[] {
  return typeof url === 'string' ? [url] : url;
}

/** Returns whether the connection that a URL asks for is encrypted. */
export function isEncrypted(url: string): boolean {
  return /^(mqtts|wss):/i.test(url);
}
