import { connectAsync } from '../../mqtt-client/library.js';
import type { Secrets } from '../../mqtt-client/secrets.js';
import type { Topics } from '../../publish/mqtt/topics.js';
import { streamName } from './simulated-stream.js';

/** A client shows these to the broker. */
interface Credentials extends Secrets {
  readonly username?: string | undefined;
}

/**
 * Takes the retained messages of devices away from the first broker that is there, as whoever removes a device should: an
 * empty retained message on each of their topics.
 *
 * @throws Error where no broker is there, or it refuses
 */
export async function clearRetained(
  urls: readonly string[],
  devices: readonly Topics[],
  credentials: Credentials,
): Promise<void> {
  const known = Object.fromEntries(
    Object.entries(credentials).filter(([, value]) => value !== undefined),
  );
  let failure: unknown;
  for (const url of urls) {
    try {
      const client = await connectAsync(url, { reconnectPeriod: 0, ...known });
      client.on('error', () => {});
      for (const topics of devices) {
        const { info, health, now } = topics.stream(streamName);
        const retained = [info, health, now, topics.health, topics.status];
        await Promise.all(
          retained.map((topic) => client.publishAsync(topic, '', { qos: 1, retain: true })),
        );
      }
      await client.endAsync();
      return;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
