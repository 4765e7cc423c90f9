import { crc32, inflateRawSync } from 'node:zlib';
import { LstmdError, messageOf } from '../../../base/errors.js';
import { allBytes, forEachPiece, MemorySource, type ByteSource } from '../byte-source.js';
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
 * The members of a zip archive. Every member is checked against its size and CRC-32, so that a damaged
 * weight is an error and not a wrong number. Field offsets: PKWARE APPNOTE, 4.3.
 */
export class ZipArchive {
  readonly #source: ByteSource;
  readonly #members = new Map<string, Member>();

  /** @throws LstmdError `model.malformed` when the directory at the archive's end is damaged or cut off */
  constructor(source: ByteSource) {
    this.#source = source;
    const tailSize = Math.min(source.size, endSize + maxCommentSize);
    const tail = source.view(source.size - tailSize, tailSize);
    const endInTail = endOfDirectory(tail);
    const end = source.size - tailSize + endInTail;
    const count = tail.readUInt16LE(endInTail + 10);
    const start = tail.readUInt32LE(endInTail + 16);
    if (start > end) {
      throw malformed('its directory is damaged');
    }
    const directory = source.view(start, end - start);
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      if (at + memberSize > directory.length || directory.readUInt32LE(at) !== memberSignature) {
        throw malformed('its directory is damaged');
      }
      const nameEnd = at + memberSize + directory.readUInt16LE(at + 28);
      if (nameEnd > directory.length) {
        throw malformed('its directory is damaged');
      }
      const name = directory.toString('utf8', at + memberSize, nameEnd);
      if (this.#members.has(name)) {
        throw malformed(`it has two members ${name}`);
      }
      this.#members.set(name, {
        encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
        method: directory.readUInt16LE(at + 10),
        crc: directory.readUInt32LE(at + 16),
        storedSize: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24),
        headerOffset: directory.readUInt32LE(at + 42),
      });
      at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
  }

  names(): string[] {
    return [...this.#members.keys()];
  }

  /**
   * The bytes of a member, whole and undamaged: where they are stored as they are, a part of the archive, and no
   * copy.
   *
   * @returns undefined where the archive has none of that name
   * @throws LstmdError `model.malformed` when it is damaged, `model.refused` when it is too large or
   *   encrypted; the signal's reason
   */
  async member(
    name: string,
    {
      maxBytes = maxModelBytes,
      signal,
    }: { maxBytes?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<ByteSource | undefined> {
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
    const content = await inflate(name, member, this.#storedPart(name, member), signal);
    let crc = 0;
    await forEachPiece(content, (piece) => (crc = crc32(piece, crc)), signal);
    if (content.size !== member.size || crc !== member.crc) {
      throw malformed(`member ${name} is damaged (its CRC-32 does not match)`);
    }
    return content;
  }

  #storedPart(name: string, member: Member): ByteSource {
    const { headerOffset } = member;
    const { size } = this.#source;
    if (headerOffset + localSize > size) {
      throw malformed(`member ${name} is not where the directory says`);
    }
    const header = this.#source.view(headerOffset, localSize);
    if (header.readUInt32LE(0) !== localSignature) {
      throw malformed(`member ${name} is not where the directory says`);
    }
    const from = headerOffset + localSize + header.readUInt16LE(26) + header.readUInt16LE(28);
    if (from + member.storedSize > size) {
      throw malformed(`member ${name} is cut off`);
    }
    return this.#source.part(from, member.storedSize);
  }
}

/** The index of the end of central directory record in the last bytes of an archive. */
function endOfDirectory(tail: Buffer): number {
  for (let at = tail.length - endSize; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === endSignature) {
      return at;
    }
  }
  throw malformed('it is cut off: the directory at its end is missing');
}

async function inflate(
  name: string,
  member: Member,
  content: ByteSource,
  signal: AbortSignal | undefined,
): Promise<ByteSource> {
  if (member.method === stored || member.size === 0) {
    return content;
  }
  if (member.method !== deflated) {
    throw new LstmdError(
      'model.refused',
      `member ${name} is compressed by method ${member.method}; only stored and deflated are read`,
    );
  }
  const bytes = await allBytes(content, signal);
  try {
    return new MemorySource(inflateRawSync(bytes, { maxOutputLength: member.size }));
  } catch (cause) {
    throw malformed(`member ${name} is damaged (${messageOf(cause)})`, cause);
  }
}

function malformed(what: string, cause?: unknown): LstmdError {
  return new LstmdError(
    'model.malformed',
    `the zip archive is damaged: ${what}; copy the file again`,
    { cause },
  );
}
