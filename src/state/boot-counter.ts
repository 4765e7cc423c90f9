import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { messageOf } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { replaceFile } from '../platform/atomic-file.js';
import { nodeFileSystem, type FileSystem } from '../platform/file-system.js';

export interface BootCounterOptions {
  readonly log: Log;
  readonly fileSystem?: FileSystem;
  /** Wall time, epoch milliseconds. */
  readonly now?: () => number;
}

/**
 * Counts this start in `<directory>/boot` and returns its number, from 1.
 *
 * (boot, seq) tells subscribers duplicates from new samples, so a number must never
 * come twice. Where the count is damaged or cannot be written, the seconds since
 * 1970 stand in for it: larger than any count, and counted on from there. Either
 * is reported; this function does not throw.
 */
export async function countBoot(directory: string, options: BootCounterOptions): Promise<number> {
  const { log, fileSystem = nodeFileSystem, now = Date.now } = options;
  const path = join(directory, 'boot');
  const substitute = Math.floor(now() / 1000);
  try {
    const stored = await fileSystem.read(path);
    let boot = 1;
    if (stored !== null) {
      const previous = parse(Buffer.from(stored).toString('latin1'));
      boot = previous === undefined ? substitute : previous + 1;
      if (previous === undefined) {
        log.warn({ path, boot }, 'the boot counter is damaged: counting on from the clock');
      }
    }
    await fileSystem.makeDirectory(directory);
    const bytes = Buffer.from(`${boot} ${checkOf(String(boot))}\n`, 'latin1');
    await replaceFile(path, bytes, { fileSystem });
    return boot;
  } catch (error) {
    log.error(
      { path, boot: substitute, error: messageOf(error) },
      'the boot counter cannot be kept: using the clock',
    );
    return substitute;
  }
}

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
