import { resolve } from 'node:path';
import { configSchema } from '../../agent/config-schema.js';
import { LstmdError } from '../../base/errors.js';
import { readConfigText } from '../../config/load-config.js';

/** The flags whose values go into the configuration as they are. */
export interface CheckedFlags {
  readonly output: string;
  readonly broker?: string | undefined;
  readonly username?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly ca?: string | undefined;
  readonly device?: string | undefined;
  readonly stream?: string | undefined;
}

const flags: Readonly<Record<string, string>> = {
  device: '--device',
  'mqtt.url': '--broker',
  'mqtt.username': '--username',
  'mqtt.passwordFile': '--password-file',
  'mqtt.ca': '--ca',
};

/** Says what is wrong with flags, by the schema of the configuration that they go into; undefined where nothing is. */
export function flagFault({
  output,
  broker = 'mqtt://localhost',
  username,
  passwordFile,
  ca,
  device,
  stream = 'sensor',
}: CheckedFlags): string | undefined {
  const skeleton = {
    device,
    mqtt: { url: broker, username, passwordFile, ca },
    streams: {
      [stream]: {
        sensor: { link: '/dev/null', rateHz: 1 },
        model: { file: 'model.keras', mode: 'continuous' },
      },
    },
  };
  const { faults } = readConfigText(configSchema, JSON.stringify(skeleton), resolve(output), {});
  const messages = faults.map(({ path, message }) => {
    const flag = path[0] === 'streams' ? '--stream' : flags[path.join('.')];
    return `${flag ?? path.join('.')}: ${message}`;
  });
  return messages.length === 0 ? undefined : messages.join('; ');
}

/** @throws LstmdError `usage.invalid` naming the flags that do not fit */
export function requireFlags(given: CheckedFlags): void {
  const fault = flagFault(given);
  if (fault !== undefined) {
    throw new LstmdError('usage.invalid', fault);
  }
}
