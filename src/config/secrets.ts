import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LstmdError, messageOf } from '../base/errors.js';

/** The part of the `mqtt` section that names files. */
export interface CredentialFiles {
  readonly username?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** The contents of the files that a configuration names for the broker. Never logged. */
export interface Secrets {
  readonly password?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Name of the credential in `LoadCredential=` of the unit. */
const passwordCredential = 'mqtt-password';

/**
 * Reads the files that the broker's part of a configuration names.
 *
 * @throws LstmdError `config.invalid` naming every option whose file cannot be read
 */
export async function readSecrets(
  mqtt: CredentialFiles,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Secrets> {
  const directory = environment['CREDENTIALS_DIRECTORY'];
  const passwordFile =
    mqtt.passwordFile ??
    (mqtt.username !== undefined && directory !== undefined
      ? join(directory, passwordCredential)
      : undefined);
  const faults: string[] = [];
  const read = async (option: string, path: string | undefined): Promise<string | undefined> => {
    if (path === undefined) {
      return undefined;
    }
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      faults.push(`  mqtt.${option}: ${messageOf(cause)}`);
      return undefined;
    }
  };
  const [password, ca, cert, key] = await Promise.all([
    read('passwordFile', passwordFile),
    read('ca', mqtt.ca),
    read('cert', mqtt.cert),
    read('key', mqtt.key),
  ]);
  if (faults.length > 0) {
    throw new LstmdError(
      'config.invalid',
      `the broker's files cannot be read:\n${faults.join('\n')}`,
    );
  }
  return {
    // Editors end a file with a newline, and no password does.
    ...(password !== undefined && { password: password.replace(/\r?\n$/, '') }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}
