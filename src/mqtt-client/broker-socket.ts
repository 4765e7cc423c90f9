import type { Duplex } from 'node:stream';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { errorCode, LstmdError, messageOf } from '../base/errors.js';
import type { BrokerAddress } from './broker-address.js';
import { openWebSocket } from './web-socket.js';

/** Certificates and keys for TLS: PEM texts, not paths. */
export interface TlsMaterial {
  /** The authorities of which one must have signed the broker's certificate; default: the system's. */
  readonly ca?: string | undefined;
  /** The client's own certificate, and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Makes of PEM texts what a TLS connection needs.
 *
 * @throws LstmdError `config.invalid` for a text that is no PEM, and a key that does not fit the certificate
 */
export async function secureContext(material: TlsMaterial): Promise<SecureContext> {
  if ((material.cert === undefined) !== (material.key === undefined)) {
    throw new LstmdError('config.invalid', 'mqtt: a client certificate needs both cert and key');
  }
  const { createSecureContext } = await import('node:tls');
  try {
    return createSecureContext({ ca: material.ca, cert: material.cert, key: material.key });
  } catch (cause) {
    throw new LstmdError('config.invalid', `mqtt.ca, cert, key: ${messageOf(cause)}`, { cause });
  }
}

/** How a connection is read. */
export interface BrokerSocketOptions {
  /**
   * True where each piece is done with when the listener to `data` returns: plain TCP then reads into one buffer, again and
   * again, makes none for each piece, and begins at `resume`. Default false.
   */
  readonly isBufferReused?: boolean;
}

/** Answers to publishes are a few bytes each. */
const bufferBytes = 16_384;

/**
 * Opens a connection to the broker: TCP without Nagle's delay, with a context TLS, and a WebSocket where the address
 * has one. Over TLS the broker's certificate is verified. Nothing is sent before it resolves, so that no password goes to a stranger.
 *
 * @param context undefined for a connection without TLS
 * @param signal ends the attempt
 * @throws LstmdError `publish.unavailable` with what is in the way
 */
export async function openBrokerSocket(
  address: BrokerAddress,
  context: SecureContext | undefined,
  signal: AbortSignal,
  { isBufferReused = false }: BrokerSocketOptions = {},
): Promise<Duplex> {
  // What comes over TLS or a WebSocket is another stream's, which has buffers of its own.
  const isPlain = context === undefined && address.webSocketPath === undefined;
  const socket = await openSocket(address, context, signal, isPlain && isBufferReused);
  if (address.webSocketPath === undefined) {
    return socket;
  }
  try {
    return await openWebSocket(socket, address, signal);
  } catch (cause) {
    socket.destroy();
    throw new LstmdError(
      'publish.unavailable',
      `${address.text}: no WebSocket for MQTT there: ${connectionFault(cause)}`,
      { cause },
    );
  }
}

async function openSocket(
  address: BrokerAddress,
  context: SecureContext | undefined,
  signal: AbortSignal,
  isBufferReused: boolean,
): Promise<Socket> {
  const { host, port } = address;
  // It is loaded with the first connection that needs it.
  const tls = context === undefined ? undefined : await import('node:tls');
  return new Promise((resolve, reject) => {
    const socket =
      tls === undefined
        ? isBufferReused
          ? connectIntoOneBuffer(host, port)
          : connectTcp({ host, port })
        : tls.connect({
            host,
            port,
            secureContext: context,
            rejectUnauthorized: true,
            ...(isIP(host) === 0 ? { servername: host } : {}),
          });
    const ready = context === undefined ? 'connect' : 'secureConnect';
    let isShakingHands = false;
    if (context !== undefined) {
      socket.once('connect', () => (isShakingHands = true));
    }
    const closed = new Error('closed by the other side');
    const fail = (cause: unknown): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      const fault =
        isShakingHands && (cause === closed || isHangUp(cause))
          ? `the broker hung up during the TLS handshake (${messageOf(cause)}): if this port is not for TLS, mqtt.url must begin with mqtt://`
          : connectionFault(cause);
      reject(new LstmdError('publish.unavailable', `${address.text}: ${fault}`, { cause }));
    };
    const abort = (): void => fail(signal.reason);
    signal.addEventListener('abort', abort);
    // This listener stays: without one, an error that comes later would end the process.
    socket.on('error', fail);
    socket.once('close', () => fail(closed));
    socket.once(ready, () => {
      signal.removeEventListener('abort', abort);
      // Nagle's algorithm and delayed acknowledgements together cost 40 ms a record.
      socket.setNoDelay(true);
      resolve(socket);
    });
    if (signal.aborted) {
      abort();
    }
  });
}

/** Connects a socket that tells of each piece as any stream does, and has all of them in one buffer. */
function connectIntoOneBuffer(host: string, port: number): Socket {
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
  let piece = buffer;
  const callback = (count: number): boolean => {
    // Answers are often as long as the one before, and a view costs more than to look.
    if (piece.length !== count) {
      piece = buffer.subarray(0, count);
    }
    socket.emit('data', piece);
    return true;
  };
  const socket = connectTcp({ host, port, onread: { buffer, callback } });
  // It would read as soon as it is connected, when nobody listens yet.
  return socket.pause();
}

/** Returns whether an error of a connection is that the other side broke it off. */
export function isHangUp(fault: unknown): boolean {
  const code = errorCode(fault);
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** A packet that a firewall or IPAddressDeny= of a unit has dropped is answered by nobody. */
export const noAnswer =
  "no answer: is it on, and do firewalls and the unit's IPAddressAllow let it through?";

const faults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: noAnswer,
  EPERM: "this machine forbids it: look at its firewall and at the unit's IPAddressAllow",
  EACCES: "this machine forbids it: look at its firewall and at the unit's IPAddressAllow",
  CERT_HAS_EXPIRED: "the broker's certificate has expired",
  CERT_NOT_YET_VALID:
    "the broker's certificate is not yet valid: is the clock of this machine right?",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the broker's certificate is signed by itself and not by mqtt.ca",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the broker's certificate is signed by an authority that is not mqtt.ca, or, where that is not set, unknown to this system: set mqtt.ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "the broker's certificate is signed by an authority that is not mqtt.ca, or, where that is not set, unknown to this system: set mqtt.ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the broker's certificate is signed by an authority that is not mqtt.ca, or, where that is not set, unknown to this system: set mqtt.ca",
  CERT_SIGNATURE_FAILURE: "the broker's certificate is not signed by mqtt.ca",
  ERR_TLS_CERT_ALTNAME_INVALID: "the broker's certificate is for another host",
  ERR_SSL_WRONG_VERSION_NUMBER: 'the broker does not speak TLS on this port',
};

const certificateRefused =
  "the broker does not take the certificate of mqtt.cert: the broker's own log says why";

/** Holds what the broker says by an alert of TLS, by the name that the alert has in the code of the error. */
const alerts: Readonly<Record<string, string>> = {
  CERTIFICATE_REQUIRED: 'the broker asks for a client certificate: set mqtt.cert and mqtt.key',
  HANDSHAKE_FAILURE:
    'the broker ended the handshake: if it asks for a client certificate, set mqtt.cert and mqtt.key',
  UNKNOWN_CA: 'the broker does not know the authority that signed the certificate of mqtt.cert',
  CERTIFICATE_EXPIRED: "the certificate of mqtt.cert has expired, by the broker's clock",
  CERTIFICATE_REVOKED: 'the certificate of mqtt.cert was revoked',
  CERTIFICATE_UNKNOWN: certificateRefused,
  BAD_CERTIFICATE: certificateRefused,
  UNSUPPORTED_CERTIFICATE: certificateRefused,
};

/** The words for an error's code; undefined for one that has none. */
function wordsOf(code: string): string | undefined {
  // The version of TLS in the code is another from one OpenSSL to the next.
  const alert = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13|SSL\/TLS)_ALERT_(.+)$/.exec(code)?.[1];
  return alert === undefined ? faults[code] : alerts[alert];
}

/** Says in words what is wrong with a connection, with the code that the system has for it. */
export function connectionFault(error: unknown): string {
  const message = messageOf(error);
  const code = errorCode(error);
  if (code === undefined) {
    return message;
  }
  const words = wordsOf(code);
  if (words === undefined) {
    return message === '' ? code : message;
  }
  // The names in the certificate are in the message alone.
  const detail = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? ` (${message})` : '';
  return `${words} [${code}]${detail}`;
}
