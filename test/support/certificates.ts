import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needsProgram } from './requirement.js';

/** `skip` option of a test that needs certificates. */
export function needsOpenssl(): string | false {
  return needsProgram('openssl', 'openssl');
}

/** Makes certificates with OpenSSL: `<name>.crt` and `<name>.key` in one folder. */
export class Certificates {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** An authority that signs itself. */
  makeAuthority(name: string): void {
    this.#request(name, '-x509', '-out', this.#path(`${name}.crt`));
  }

  /**
   * A certificate that an authority signed.
   *
   * @param host the subjectAltName, such as `IP:127.0.0.1`
   */
  sign(name: string, authority: string, host: string, days = 2): void {
    const request = this.#path(`${name}.csr`);
    const extensions = this.#path(`${name}.ext`);
    this.#request(name, '-out', request);
    writeFileSync(extensions, `subjectAltName=${host}\n`);
    const signer = [
      '-CA',
      this.#path(`${authority}.crt`),
      '-CAkey',
      this.#path(`${authority}.key`),
    ];
    const term = ['-CAcreateserial', '-extfile', extensions, '-days', String(days)];
    openssl('x509', '-req', '-in', request, ...signer, ...term, '-out', this.#path(`${name}.crt`));
  }

  #request(name: string, ...args: readonly string[]): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const keyFile = this.#path(`${name}.key`);
    openssl('req', ...key, '-keyout', keyFile, '-subj', `/CN=${name}`, ...args);
  }

  #path(file: string): string {
    return join(this.#folder, file);
  }
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
}
