import { MqttClient } from '../../mqtt-client/library.js';
import { LstmdError, messageOf } from '../../base/errors.js';
import { parseBrokerUrl, urlsOf } from '../../mqtt-client/broker-address.js';
import { openBrokerSocket, secureContext } from '../../mqtt-client/broker-socket.js';
import type { Secrets } from '../../mqtt-client/secrets.js';

export interface BrokerProbe {
  readonly url: string | readonly string[];
  readonly username?: string | undefined;
  readonly protocol: '5' | '3.1.1';
  readonly secrets: () => Promise<Secrets>;
}

const timeoutMs = 5000;

/**
 * Looks at each broker: connects and disconnects, as a client of another id and without a will, so that nobody notices.
 *
 * @returns what was found, for people
 * @throws LstmdError `publish.unavailable` with what is in the way
 */
export async function probeBroker(probe: BrokerProbe): Promise<string> {
  const found: string[] = [];
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
  if (found.length === 0 && faults[0] !== undefined) {
    throw faults.length === 1
      ? faults[0]
      : new LstmdError('publish.unavailable', faults.map(messageOf).join('; '));
  }
  return [...found, ...faults.map((fault) => `not now: ${fault.message}`)].join('; ');
}

async function probeOne(url: string, probe: BrokerProbe): Promise<string> {
  const { username, protocol, secrets } = probe;
  const address = parseBrokerUrl(url);
  const { password, ...tls } = await secrets();
  const context = address.tls ? secureContext(tls) : undefined;
  const socket = await openBrokerSocket(address, context, AbortSignal.timeout(timeoutMs));
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
  return `${address.text} answers and lets us in`;
}
