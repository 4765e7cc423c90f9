import { access, constants, readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';

/**
 * Finds out whether this user may read and write a device.
 *
 * @returns null where it may; else the command that lets it
 */
export async function accessRemedy(device: string): Promise<string | null> {
  try {
    await access(device, constants.R_OK | constants.W_OK);
    return null;
  } catch {
    const { gid, mode } = await stat(device);
    const group = gid === 0 || (mode & 0o060) !== 0o060 ? null : await groupName(gid);
    return group === null
      ? `sudo chmod a+rw ${device}, until it is plugged in again`
      : `sudo usermod -aG ${group} ${userName()}, and log in again`;
  }
}

/**
 * The message of a system that denied access to a device, with the command that lets this user open it.
 *
 * @param device by any of its names; where it is gone by now, the message stays alone
 */
export async function withAccessRemedy(message: string, device: string): Promise<string> {
  const remedy = await accessRemedy(device).catch(() => null);
  return remedy === null ? message : `${message}; to open it: ${remedy}`;
}

async function groupName(gid: number): Promise<string> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const entry = groups.split('\n').find((line) => line.split(':')[2] === `${gid}`);
  return entry?.split(':')[0] ?? `${gid}`;
}

/** A user that has no entry, as in a container, is named by its number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `${process.getuid?.() ?? ''}`;
  }
}
