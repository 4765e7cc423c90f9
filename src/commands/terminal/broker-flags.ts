import { LstmdError } from '../../base/errors.js';
import {
  optionsOfFlags,
  readSecrets,
  secretFiles,
  type SecretFile,
  type SecretOptions,
  type Secrets,
} from '../../mqtt-client/secrets.js';

/**
 * Reads the files that the flags of a command name for its broker: `--password-file`, `--ca`, `--cert` and `--key`.
 *
 * @param url how the command calls the broker's URL
 * @returns the files, to be read again at a later connection, and what is in them now
 * @throws LstmdError `usage.invalid` for flags that do not go together and for a file that is not what it should be,
 *   `config.unreadable` for one that cannot be read
 */
export async function brokerSecrets(
  options: SecretOptions,
  url: string,
): Promise<{ readonly files: readonly SecretFile[]; readonly secrets: Secrets }> {
  try {
    const files = secretFiles(options, {}, optionsOfFlags(url));
    return { files, secrets: await readSecrets(files) };
  } catch (cause) {
    throw cause instanceof LstmdError && cause.code === 'config.invalid'
      ? new LstmdError('usage.invalid', cause.message, { cause })
      : cause;
  }
}

/** The words for faults of a connection name the options of a configuration, or of the library: here they are flags. */
export function inFlags(message: string): string {
  return message.replaceAll(/(?:\bmqtt\.|\bthe option )(ca|cert|key)\b/g, '--$1');
}
