import type { Stats } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { deviceNumber } from './sys-files.js';

/** The way out where something is no serial port. */
export const nameTheTty = 'name the tty, such as /dev/serial/by-id/...';

/** Returns what a file is that is no terminal, as every serial port is, in words. It is not opened, which might reset a board. */
export async function otherKindOf(stats: Stats): Promise<string | undefined> {
  if (stats.isCharacterDevice()) {
    const entry = `/sys/dev/char/${deviceNumber(stats.rdev)}/subsystem`;
    // Pseudo-terminals have no entry.
    const subsystem = basename(await readlink(entry).catch(() => 'tty'));
    return subsystem === 'tty' ? undefined : `a device of another kind (${subsystem})`;
  }
  if (stats.isDirectory()) {
    return 'a folder';
  }
  return stats.isFile() ? 'a file' : 'a pipe, a socket or a disk';
}
