import {
  optionsOfSection,
  readSecrets,
  secretFiles,
  type Secrets,
} from '../../../mqtt-client/secrets.js';
import type { FeedSection } from './options.js';

/**
 * Reads what the broker is shown, and what it must show, as it is now.
 *
 * @throws LstmdError naming what cannot be read or does not fit
 */
export async function feedSecrets(
  url: string,
  section: FeedSection,
  signal?: AbortSignal,
): Promise<Secrets> {
  if (/^mqtt:/i.test(url) && (section.ca ?? section.cert) !== undefined) {
    throw new Error('sensor.link is not encrypted, yet sensor.mqtt has ca or cert: mqtts://');
  }
  // Credentials of systemd are the publisher's, whose broker may be another.
  return readSecrets(secretFiles({ ...section, url }, {}, optionsOfSection('sensor.mqtt')), signal);
}
