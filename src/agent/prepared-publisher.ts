import { LstmdError } from '../base/errors.js';
import type { PreparedPublisher } from '../publish/outbox/contract/publisher-definition.js';
import { publishers } from '../publish/registry.js';
export type {
  PreparedPublisher,
  SecretOption,
} from '../publish/outbox/contract/publisher-definition.js';
import type { Config } from './config-schema.js';

/**
 * Prepares the publisher whose section a configuration has.
 *
 * @throws LstmdError `config.invalid` for no section or several, options that cannot work, and files
 *   that cannot be read
 */
export async function preparePublisher(config: Config): Promise<PreparedPublisher> {
  const sections: Readonly<Record<string, unknown>> = { ...config };
  const chosen = publishers.filter(({ name }) => sections[name] !== undefined);
  const [publisher] = chosen;
  if (publisher === undefined || chosen.length > 1) {
    const names = publishers.map(({ name }) => name).join(', ');
    const found = chosen.map(({ name }) => name).join(' and ');
    throw new LstmdError(
      'config.invalid',
      `the configuration must have the section of one publisher (${names}), not ${found || 'of none'}`,
    );
  }
  const formats = Object.values(config.streams).map(({ publish }) => publish.format);
  return publisher.prepare(sections[publisher.name], config.device, formats);
}
