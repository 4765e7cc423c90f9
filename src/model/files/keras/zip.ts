import { crc32, inflateRawSync } from 'node:zlib';
import { LstmdError, messageOf } from '../../../base/errors.js';
import { maxModelBytes } from '../size-limit.js';

/** A member as the central directory describes it. */
interface Member {
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly storedSize: number;
  readonly size: number;
  readonly headerOffset: number;
}

/** End of central directory record. */
const endSignature = 0x06054b50;
const endSize = 22;
/** Central directory header. */
const memberSignature = 0x02014b50;
const memberSize = 46;
/** Local file header. */
const localSignature = 0x04034b50;
const localSize = 30;
const maxCommentSize = 0xffff;
/** Compression methods. */
const stored = 0;
const deflated = 8;

/**
 * The members of a zip archive in memory. Every member is checked against its size and CRC-32, so
 * that a damaged weight is an error and not a wrong number. Field offsets: PKWARE APPNOTE, 4.3.
 */
export class ZipArchive {
  readonly #bytes: Buffer;
  readonly #members = new Map<string, Member>();

  /** @throws LstmdError `model.malformed` when the directory at the archive's end is damaged or cut off */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = this.#endOfDirectory();
    const count = this.#bytes.readUInt16LE(end + 10);
    let at = this.#bytes.readUInt32LE(end + 16);
    for (let i = 0; i < count; i += 1) {
      if (at + memberSize > end || this.#bytes.readUInt32LE(at) !== memberSignature) {
        throw malformed('its directory is damaged');
      }
      const nameEnd = at + memberSize + this.#bytes.readUInt16LE(at + 28);
      if (nameEnd > end) {
        throw malformed('its directory is damaged');
      }
      const name = this.#bytes.toString('utf8', at + memberSize, nameEnd);
      if (this.#members.has(name)) {
        throw malformed(`it has two members ${name}`);
      }
      this.#members.set(name, {
        encrypted: (this.#bytes.readUInt16LE(at + 8) & 1) === 1,
        method: this.#bytes.readUInt16LE(at + 10),
        crc: this.#bytes.readUInt32LE(at + 16),
        storedSize: this.#bytes.readUInt32LE(at + 20),
        size: this.#bytes.readUInt32LE(at + 24),
        headerOffset: this.#bytes.readUInt32LE(at + 42),
      });
      at = nameEnd + this.#bytes.readUInt16LE(at + 30) + this.#bytes.readUInt16LE(at + 32);
    }
  }

  names(): string[] {
    return [...this.#members.keys()];
  }

  /**
   * @returns the member's bytes, or undefined where the archive has none of that name
   * @throws LstmdError `model.malformed` when it is damaged, `model.refused` when it is too large or encrypted
   */
  read(name: string, maxBytes = maxModelBytes): Uint8Array | undefined {
    const member = this.#members.get(name);
    if (member === undefined) {
      return undefined;
    }
    if (member.encrypted) {
      throw new LstmdError('model.refused', `member ${name} is encrypted`);
    }
    if (member.size > maxBytes) {
      throw new LstmdError(
        'model.refused',
        `member ${name} has ${member.size} bytes, more than the ${maxBytes} that are read`,
      );
    }
    const content = this.#inflate(name, member, this.#storedBytes(name, member));
    if (content.length !== member.size || crc32(content) !== member.crc) {
      throw malformed(`member ${name} is damaged (its CRC-32 does not match)`);
    }
    return content;
  }

  #endOfDirectory(): number {
    const first = Math.max(0, this.#bytes.length - endSize - maxCommentSize);
    for (let at = this.#bytes.length - endSize; at >= first; at -= 1) {
      if (this.#bytes.readUInt32LE(at) === endSignature) {
        return at;
      }
    }
    throw malformed('it is cut off: the directory at its end is missing');
  }

  #storedBytes(name: string, member: Member): Buffer {
    const header = member.headerOffset;
    if (
      header + localSize > this.#bytes.length ||
      this.#bytes.readUInt32LE(header) !== localSignature
    ) {
      throw malformed(`member ${name} is not where the directory says`);
    }
    const from =
      header +
      localSize +
      this.#bytes.readUInt16LE(header + 26) +
      this.#bytes.readUInt16LE(header + 28);
    if (from + member.storedSize > this.#bytes.length) {
      throw malformed(`member ${name} is cut off`);
    }
    return this.#bytes.subarray(from, from + member.storedSize);
  }

  #inflate(name: string, member: Member, content: Buffer): Buffer {
    if (member.method === stored || member.size === 0) {
      return content;
    }
    if (member.method !== deflated) {
      throw new LstmdError(
        'model.refused',
        `member ${name} is compressed by method ${member.method}; only stored and deflated are read`,
      );
    }
    try {
      return inflateRawSync(content, { maxOutputLength: member.size });
    } catch (cause) {
      throw malformed(`member ${name} is damaged (${messageOf(cause)})`, cause);
    }
  }
}

function malformed(what: string, cause?: unknown): LstmdError {
  return new LstmdError(
    'model.malformed',
    `the zip archive is damaged: ${what}; copy the file again`,
    { cause },
  );
}
