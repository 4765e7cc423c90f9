import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { accessSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isEncrypted, urlsOf } from './broker-address.js';
import { errorCode, fileFault, LstmdError, messageOf, type OptionFault } from '../base/errors.js';
import { pathText } from '../base/option-path.js';

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
  /** The option; empty for a credential, and for a flag of a command. */
  readonly at: OptionFault['at'];
  readonly path: string;
}

/** Tells what messages call an option, and where it stands in a configuration. */
export interface OptionNames {
  readonly nameOf: (option: keyof SecretOptions) => string;
  /** Empty where there is no configuration. */
  readonly placeOf: (option: keyof SecretOptions) => OptionFault['at'];
}

/** The options as those of a section of the configuration, such as `sensor.mqtt` within a stream. */
export function optionsOfSection(section: string): OptionNames {
  return {
    nameOf: (option) => `${section}.${option}`,
    placeOf: (option) => [...section.split('.'), option],
  };
}

/**
 * The options as flags of a command, such as `--password-file`.
 *
 * @param url how the command calls the broker's URL
 */
export function optionsOfFlags(url: string): OptionNames {
  return {
    nameOf: (option) =>
      option === 'url'
        ? url
        : `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    placeOf: () => [],
  };
}

/** An option that is missing beside the others. */
export interface SecretFault {
  readonly option: keyof SecretOptions;
  readonly message: string;
}

/** Returns what the files lack that go with a name, or with each other. */
export function secretFaults(
  files: readonly SecretFile[],
  username: string | undefined,
): SecretFault[] {
  const faults: SecretFault[] = [];
  const password = originOf(files, 'password');
  if (password !== undefined && username === undefined) {
    faults.push({ option: 'username', message: `is missing: ${password} needs it` });
  }
  const [cert, key] = [originOf(files, 'cert'), originOf(files, 'key')];
  if ((cert === undefined) !== (key === undefined)) {
    const option = cert === undefined ? 'cert' : 'key';
    faults.push({ option, message: `is missing: ${cert ?? key ?? ''} goes with it` });
  }
  return faults;
}

function originOf(files: readonly SecretFile[], name: SecretFile['name']): string | undefined {
  return files.find((file) => file.name === name)?.origin;
}

/** The files that options name, which are not looked at. */
export function namedFiles(options: Omit<SecretOptions, 'url'>, names: OptionNames): SecretFile[] {
  return sources.flatMap(({ name, option }): SecretFile[] => {
    const path = options[option];
    return path === undefined
      ? []
      : [{ name, origin: names.nameOf(option), at: names.placeOf(option), path }];
  });
}

/**
 * The files of the broker's secrets: those that the options name and those that systemd laid into
 * $CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=).
 *
 * @param names what messages call the options
 * @throws LstmdError `config.invalid` where both name one, or where one lacks what it goes with
 */
export function secretFiles(
  mqtt: SecretOptions,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  names = optionsOfSection('mqtt'),
): SecretFile[] {
  const directory = environment['CREDENTIALS_DIRECTORY'];
  const faults: OptionFault[] = [];
  const addFault = (option: keyof SecretOptions, what: string): void => {
    const at = names.placeOf(option);
    faults.push({ at, message: at.length > 0 ? what : `${names.nameOf(option)}: ${what}` });
  };
  const named = namedFiles(mqtt, names);
  const given = sources.flatMap(({ name, option, credential }): SecretFile[] => {
    const path = directory === undefined ? undefined : join(directory, credential);
    if (path === undefined || !exists(path)) {
      return [];
    }
    const own = mqtt[option];
    if (own !== undefined) {
      addFault(
        option,
        `${own} and the credential ${credential} (${path}) are both given: remove one of them`,
      );
      return [];
    }
    return [{ name, origin: `credential ${credential}`, at: [], path }];
  });
  const files = [...named, ...given];
  for (const { option, message } of secretFaults(files, mqtt.username)) {
    addFault(option, message);
  }
  const shown = originOf(files, 'ca') ?? originOf(files, 'cert');
  if (!urlsOf(mqtt.url).some(isEncrypted) && shown !== undefined) {
    addFault('url', `is not encrypted, yet there is ${shown}: mqtts:// or wss://`);
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
  const messages = faults.map(({ at, message }) =>
    at.length > 0 ? `${pathText(at)}: ${message}` : message,
  );
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
  /** Names the file alone where the option's path stands before the message. */
  const naming = (name: SecretFile['name'], isSubject = true): string =>
    files
      .filter((file) => file.name === name)
      .map(({ origin, path, at }) => (isSubject && at.length > 0 ? path : `${origin} (${path})`))
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
    const message = `${naming('cert')} and ${naming('key', false)} do not belong together: the key is not that of the certificate`;
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
