import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';

/** The cookie that a browser shows once its reader has given the token. */
const cookieName = 'lstmd_access';
const cookieSeconds = 30 * 86_400;

/** Decides who may read: whoever shows the token, or everybody where none is asked for. */
export class Access {
  readonly #tokenFile: string | undefined;

  /** @param tokenFile read at each request, because others renew it */
  constructor(tokenFile: string | undefined) {
    this.#tokenFile = tokenFile;
  }

  get isOpen(): boolean {
    return this.#tokenFile === undefined;
  }

  /**
   * Returns whether a request may read: it has `Authorization: Bearer TOKEN`, or the cookie.
   *
   * @throws Error where the token cannot be read: then nobody may
   */
  async allows({ headers }: IncomingMessage): Promise<boolean> {
    const token = await this.#token();
    if (token === undefined) {
      return true;
    }
    const [, shown] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
    const cookie = cookieOf(headers.cookie);
    return (
      (shown !== undefined && isSame(shown, token)) ||
      (cookie !== undefined && isSame(cookie, cookieValue(token)))
    );
  }

  /**
   * The `Set-Cookie` for a reader who gives the token; undefined where it is another one. It is made from the
   * token, so that it holds over a restart of the daemon and ends when the token is renewed, and it does not give the token away.
   */
  async cookieFor(given: string): Promise<string | undefined> {
    const token = await this.#token();
    if (token === undefined || !isSame(given, token)) {
      return undefined;
    }
    return `${cookieName}=${cookieValue(token)}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${cookieSeconds}`;
  }

  async #token(): Promise<string | undefined> {
    if (this.#tokenFile === undefined) {
      return undefined;
    }
    const token = (await readFile(this.#tokenFile, 'utf8')).trim();
    if (token === '') {
      throw new Error(`${this.#tokenFile} is empty: it must hold the token`);
    }
    return token;
  }
}

function cookieValue(token: string): string {
  return createHmac('sha256', token).update('lstmd dashboard').digest('base64url');
}

function cookieOf(header = ''): string | undefined {
  const pairs = header.split(/; */);
  return pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
}

/** Compares in a time that tells nothing of where the two differ. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digestOf(a), digestOf(b));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
