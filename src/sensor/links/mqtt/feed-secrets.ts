import {
  namedFiles,
  optionsOfSection,
  type SecretFile,
  type SecretOptions,
} from '../../../mqtt-client/secrets.js';

const names = optionsOfSection('sensor.mqtt');

/**
 * The files of what the broker is shown, and what it must show. Credentials of systemd are the publisher's, whose broker
 * may be another.
 */
export function feedSecrets(section: Omit<SecretOptions, 'url'>): SecretFile[] {
  return namedFiles(section, names);
}
