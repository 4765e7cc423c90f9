import { LstmdError } from '../base/errors.js';
import { pathText } from '../base/option-path.js';
import { checkOptions } from '../config/checked-options.js';
import { configSchema, type Config } from './config-schema.js';

/** The sections of one stream, as a configuration file would have them. */
export interface StreamSections {
  readonly sensor: object;
  readonly model: object;
  readonly features?: object;
}

/**
 * The configuration of one stream that stands in no file. Its broker and its state directory are never used.
 *
 * @param what the options are from, for the message
 * @throws LstmdError `config.invalid` with every fault
 */
export function configOf(stream: string, sections: StreamSections, what: string): Config {
  const raw = {
    device: 'trial',
    stateDirectory: '/nonexistent',
    mqtt: { url: 'mqtt://127.0.0.1' },
    streams: { [stream]: sections },
  };
  const { config, faults } = checkOptions(configSchema, raw);
  if (config === undefined || faults.length > 0) {
    const lines = faults.map(({ path, message }) => `  ${pathText(path.slice(2))}: ${message}`);
    throw new LstmdError('config.invalid', `${what} cannot be read so:\n${lines.join('\n')}`);
  }
  return config;
}
