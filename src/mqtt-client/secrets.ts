import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { accessSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isEncrypted, urlsOf } from './broker-address.js';
import { errorCode, fileFault, LstmdError, messageOf, type OptionFault } from '../base/errors.js';

/** The part of an `mqtt` section that names files, and what must fit them. */
export interface SecretOptions {
  readonly url: string | readonly string[];
  readonly username?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Holds what the broker is shown, and what it must show. Never logged. */
export interface Secrets {
  readonly password?: string | undefined;
  /** PEM texts: the authorities, the client's certificate and its key. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Each secret with the option that names its file, and the publisher's credential in `LoadCredential=` of the unit. */
const sources = [
  { name: 'password', option: 'passwordFile', credential: 'mqtt-password' },
  { name: 'ca', option: 'ca', credential: 'mqtt-ca' },
  { name: 'cert', option: 'cert', credential: 'mqtt-cert' },
  { name: 'key', option: 'key', credential: 'mqtt-key' },
] as const;

/** A file that holds a secret. */
export interface SecretFile {
  readonly name: (typeof sources)[number]['name'];
  /** The option or the credential that named it, for messages. */
  readonly origin: string;
  /** The option; empty for a credential. */
  readonly at: OptionFault['at'];
  readonly path: string;
}

/**
 * The files of the broker's secrets: those that the options name and those that systemd laid into
 * $CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=).
 *
 * @param section where the options stand, for messages
 * @throws LstmdError `config.invalid` where both name one, or where one lacks what it goes with
 */
export function secretFiles(
  mqtt: SecretOptions,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  section = 'mqtt',
): SecretFile[] {
  const directory = environment['CREDENTIALS_DIRECTORY'];
  const faults: OptionFault[] = [];
  const place = (option: string): string[] => [...section.split('.'), option];
  const files = sources.flatMap(({ name, option, credential }): SecretFile[] => {
    const named = mqtt[option];
    const given = directory === undefined ? undefined : join(directory, credential);
    const isGiven = given !== undefined && exists(given);
    if (named !== undefined && isGiven) {
      faults.push({
        at: place(option),
        message: `${section}.${option} (${named}) and the credential ${credential} (${given}) are both given: remove one of them`,
      });
    }
    if (named !== undefined) {
      return [{ name, origin: `${section}.${option}`, at: place(option), path: named }];
    }
    return isGiven ? [{ name, origin: `credential ${credential}`, at: [], path: given }] : [];
  });
  const has = (name: SecretFile['name']): boolean => files.some((file) => file.name === name);
  if (has('password') && mqtt.username === undefined) {
    const message = `${section}.username is missing: the credential mqtt-password needs it`;
    faults.push({ at: place('username'), message });
  }
  if (has('cert') !== has('key')) {
    const missing = has('cert') ? 'mqtt-key' : 'mqtt-cert';
    const message = `the credential ${missing} is missing: mqtt-cert and mqtt-key go together`;
    faults.push({ at: [], message });
  }
  if (!urlsOf(mqtt.url).some(isEncrypted) && (has('ca') || has('cert'))) {
    const message = `${section}.url is not encrypted, yet the credential mqtt-ca or mqtt-cert is given: mqtts:// or wss://`;
    faults.push({ at: place('url'), message });
  }
  if (faults.length > 0) {
    throw invalid(faults);
  }
  return files;
}

/**
 * Reads the files as they are now: others renew them.
 *
 * @throws LstmdError `config.unreadable` naming every file that cannot be read, `config.invalid` for one
 *   that is not what it should be
 */
export async function readSecrets(
  files: readonly SecretFile[],
  signal?: AbortSignal,
): Promise<Secrets> {
  const unreadable: OptionFault[] = [];
  const reasons: string[] = [];
  const read = async (name: SecretFile['name']): Promise<string | undefined> => {
    const file = files.find((each) => each.name === name);
    if (file === undefined) {
      return undefined;
    }
    try {
      return await readFile(file.path, { encoding: 'utf8', signal });
    } catch (cause) {
      const reason = fileFault(file.path, cause);
      unreadable.push({
        at: file.at,
        message: file.at.length > 0 ? reason : `${file.origin}: ${reason}`,
      });
      reasons.push(`${file.origin}: ${reason}`);
      return undefined;
    }
  };
  const [password, ca, cert, key] = await Promise.all([
    read('password'),
    read('ca'),
    read('cert'),
    read('key'),
  ]);
  const unfit = pemFaults(files, { ca, cert, key });
  if (unreadable.length > 0) {
    const message = `cannot read ${reasons.join('; ')}`;
    const faults = [...unreadable, ...unfit];
    throw new LstmdError('config.unreadable', message, { faults });
  }
  if (unfit.length > 0) {
    throw invalid(unfit);
  }
  // Editors end a file with a newline, and no password does.
  return { password: password?.replace(/\r?\n$/, ''), ca, cert, key };
}

function invalid(faults: readonly OptionFault[]): LstmdError {
  const messages = faults.map(({ message }) => message);
  const text =
    messages.length === 1 ? messages[0] : `\n${messages.map((each) => `  ${each}`).join('\n')}`;
  return new LstmdError('config.invalid', `the broker's secrets: ${text}`, { faults });
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch (error) {
    // A credential that is there and cannot be read must not pass for one that is not there.
    return errorCode(error) !== 'ENOENT';
  }
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Returns what is wrong with the PEM texts. OpenSSL passes over an authority that it cannot read, and what comes of
 * that is a broker that is not trusted.
 */
function pemFaults(files: readonly SecretFile[], { ca, cert, key }: Secrets): OptionFault[] {
  const faults: OptionFault[] = [];
  const placeOf = (name: SecretFile['name']): OptionFault['at'] =>
    files.find((file) => file.name === name)?.at ?? [];
  const naming = (name: SecretFile['name']): string =>
    files
      .filter((file) => file.name === name)
      .map(({ origin, path }) => `${origin} (${path})`)
      .join();
  const inspect = <T>(
    name: SecretFile['name'],
    text: string | undefined,
    parse: (text: string) => T,
  ): T | undefined => {
    try {
      return text === undefined ? undefined : parse(text);
    } catch (error) {
      faults.push({ at: placeOf(name), message: `${naming(name)} ${messageOf(error)}` });
      return undefined;
    }
  };
  inspect('ca', ca, certificatesOf);
  const [first] = inspect('cert', cert, certificatesOf) ?? [];
  const ownKey = inspect('key', key, privateKeyOf);
  if (first !== undefined && ownKey !== undefined && !first.checkPrivateKey(ownKey)) {
    const message = `${naming('cert')} and ${naming('key')} do not belong together: the key is not that of the certificate`;
    faults.push({ at: placeOf('cert'), message });
  }
  return faults;
}

/** The certificates of a PEM text, at least one. */
function certificatesOf(text: string): X509Certificate[] {
  const blocks = text.match(certificateBlock) ?? [];
  if (blocks.length === 0) {
    throw new Error('holds no PEM certificate (-----BEGIN CERTIFICATE-----)');
  }
  return blocks.map((block, n) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new Error(`is damaged: certificate ${n + 1} of ${blocks.length} cannot be read`, {
        cause,
      });
    }
  });
}

function privateKeyOf(text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw new Error(
      errorCode(cause) === 'ERR_MISSING_PASSPHRASE'
        ? 'is encrypted: lstmd needs a key without a passphrase, which "openssl pkey -in FILE" writes'
        : 'holds no PEM private key (-----BEGIN PRIVATE KEY-----)',
      { cause },
    );
  }
}
