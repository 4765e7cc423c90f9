import { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { MqttClient } from '../../mqtt-client/library.js';
import { LstmdError, messageOf } from '../../base/errors.js';
import { parseBrokerUrl, urlsOf } from '../../mqtt-client/broker-address.js';
import { openBrokerSocket, secureContext } from '../../mqtt-client/broker-socket.js';
import type { Secrets } from '../../mqtt-client/secrets.js';
import type { Probe } from '../outbox/contract/publisher-definition.js';

export interface BrokerProbe {
  readonly url: string | readonly string[];
  readonly username?: string | undefined;
  readonly protocol: '5' | '3.1.1';
  readonly secrets: () => Promise<Secrets>;
}

const timeoutMs = 5000;
const dayMs = 86_400_000;
/** A certificate that ends sooner is worth a word: those that are renewed by themselves have been by then. */
const leastDays = 14;

/**
 * Looks at each broker: connects and disconnects, as a client of another id and without a will, so that nobody notices.
 *
 * @returns what was found, and with TLS how long the certificates are good
 * @throws LstmdError `publish.unavailable` with what is in the way
 */
export async function probeBroker(probe: BrokerProbe): Promise<Probe> {
  const found: Probe[] = [];
  const faults: LstmdError[] = [];
  for (const url of urlsOf(probe.url)) {
    try {
      found.push(await probeOne(url, probe));
    } catch (error) {
      if (!(error instanceof LstmdError)) {
        throw error;
      }
      faults.push(error);
    }
  }
  const [fault] = faults;
  if (found.length === 0 && fault !== undefined) {
    throw faults.length === 1
      ? fault
      : new LstmdError('publish.unavailable', faults.map(messageOf).join('; '));
  }
  return {
    detail: [
      ...found.map(({ detail }) => detail),
      ...faults.map(({ message }) => `not now: ${message}`),
    ].join('; '),
    fix: found.find(({ fix }) => fix !== undefined)?.fix,
  };
}

async function probeOne(url: string, probe: BrokerProbe): Promise<Probe> {
  const { username, protocol, secrets } = probe;
  const address = parseBrokerUrl(url);
  const { password, ...tls } = await secrets();
  const context = address.tls ? await secureContext(tls) : undefined;
  const socket = await openBrokerSocket(address, context, AbortSignal.timeout(timeoutMs));
  const served = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  const client = new MqttClient(() => socket, {
    protocolVersion: protocol === '5' ? 5 : 4,
    clientId: `lstmd-doctor-${process.pid}`,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: timeoutMs,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    log: () => {},
  });
  let fault: unknown;
  try {
    await new Promise<void>((resolve, reject) => {
      client.on('error', (error) => {
        fault ??= error;
        socket.destroy();
      });
      client.once('connect', () => resolve());
      client.once('close', () => reject(new Error('closed')));
    });
  } catch {
    const reason = fault === undefined ? 'the broker closed the connection' : messageOf(fault);
    const about = username === undefined ? 'without a username' : `as ${username}`;
    throw new LstmdError(
      'publish.unavailable',
      `${address.text}: it answers, but does not let us in ${about}: ${reason}`,
    );
  } finally {
    await client.endAsync(true);
  }
  const own = tls.cert === undefined ? undefined : new X509Certificate(tls.cert);
  const certificates = [
    { whose: 'its', certificate: served, fix: "renew the broker's certificate" },
    { whose: 'our', certificate: own, fix: 'renew the files of mqtt.cert and mqtt.key' },
  ].flatMap(({ whose, certificate, fix }) =>
    certificate === undefined ? [] : [{ ...validity(whose, certificate), fix }],
  );
  return {
    detail: [
      `${address.text} answers and lets us in`,
      ...certificates.map(({ text }) => text),
    ].join('; '),
    fix: certificates.find(({ days }) => days < leastDays)?.fix,
  };
}

function validity(whose: string, { validTo }: X509Certificate): { text: string; days: number } {
  const end = new Date(validTo);
  const days = Math.floor((end.getTime() - Date.now()) / dayMs);
  return {
    text: `${whose} certificate is good for ${days} days, until ${end.toISOString().slice(0, 10)}`,
    days,
  };
}
