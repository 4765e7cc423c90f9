import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { messageOf } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { replaceFile } from '../platform/atomic-file.js';
import { nodeFileSystem, type FileSystem } from '../platform/file-system.js';

export interface BootCounterOptions {
  readonly log: Log;
  readonly fileSystem?: FileSystem;
  /** A random whole number from 0 up to `end`, which is not one of them. */
  readonly random?: (end: number) => number;
}

/** The random part of a boot number is below this. */
const randomEnd = 2 ** 32;
/** The count in a boot number is below this, so that the number is below 2^53. */
const countEnd = 2 ** 21;

/**
 * Counts this start in `<directory>/boot` and returns its number: the count times 2^32 and 32
 * random bits.
 *
 * Subscribers tell duplicates from new samples by (boot, seq), so that no number may come twice:
 * the count sees to that while the directory lives, and the random part where it was removed, or
 * restored from a backup, and counts what it had counted before. Where the count is damaged or
 * cannot be written, its part is random too. Both cases are logged; this function does not throw.
 */
export async function countBoot(directory: string, options: BootCounterOptions): Promise<number> {
  const { log, fileSystem = nodeFileSystem, random = randomInt } = options;
  const path = join(directory, 'boot');
  const randomCount = random(countEnd);
  let count = 1;
  try {
    const stored = await fileSystem.read(path);
    if (stored !== null) {
      const previous = parse(Buffer.from(stored).toString('latin1'));
      count = previous === undefined ? randomCount : (previous + 1) % countEnd;
      if (previous === undefined) {
        log.warn({ path, count }, 'the boot counter is damaged: counting on from a random number');
      }
    }
    await fileSystem.makeDirectory(directory);
    const bytes = Buffer.from(`${count} ${checkOf(String(count))}\n`, 'latin1');
    await replaceFile(path, bytes, { fileSystem });
  } catch (error) {
    count = randomCount;
    log.error(
      { path, count, error: messageOf(error) },
      'the boot counter cannot be kept: using a random number',
    );
  }
  return count * randomEnd + random(randomEnd);
}

/** The number in the file's line; undefined where its check does not fit. */
function parse(text: string): number | undefined {
  const match = /^(\d{1,15}) ([0-9a-f]{8})\n$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, digits = '', check] = match;
  return check === checkOf(digits) ? Number(digits) : undefined;
}

function checkOf(digits: string): string {
  return crc32(digits).toString(16).padStart(8, '0');
}
