import { LstmdError } from '../../base/errors.js';
import type { DemoBroker } from './demo-broker.js';

export interface DemoBrokerOptions {
  /** The URL of a broker that runs already. */
  readonly broker?: string;
  /** The port on loopback for a broker that is started; another one if it is taken. */
  readonly port: number;
}

/**
 * The broker that is named; else aedes within the process, which is installed in a clone alone; else a
 * Mosquitto that is started for the demo.
 *
 * @param folders where Mosquitto is looked for; default: the PATH and where Debian installs it
 * @throws LstmdError `publish.unavailable` where there is none, with what to install
 */
export async function openDemoBroker(
  { broker: url, port }: DemoBrokerOptions,
  folders?: readonly string[],
): Promise<DemoBroker> {
  if (url !== undefined) {
    return { url, stop: () => Promise.resolve() };
  }
  const { EmbeddedBroker } = await import('./embedded-broker.js');
  const embedded = await EmbeddedBroker.startIfInstalled(port);
  if (embedded !== null) {
    return embedded;
  }
  const { findMosquitto, Mosquitto } = await import('./mosquitto.js');
  const program = findMosquitto(folders);
  if (program === null) {
    throw new LstmdError(
      'publish.unavailable',
      'the demo needs an MQTT broker: sudo apt-get install mosquitto, or name one that runs with --broker mqtt://HOST',
    );
  }
  return Mosquitto.start(program, port);
}
