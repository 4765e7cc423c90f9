import type { Medium } from '../../platform/medium.js';
import type { Finding } from './finding.js';

/** File systems that are in memory, and are empty after a reboot. */
const inMemory: ReadonlySet<string> = new Set(['tmpfs', 'ramfs']);
/** File systems of other machines. */
const remote: ReadonlySet<string> = new Set(['nfs', 'nfs4', 'cifs', 'smb3', 'fuse.sshfs', '9p']);
/** The disk must have so much beside the bound of the records that wait: for the states, and the log of the system. */
const spareBytes = 64 * 1024 * 1024;
const wornFromPercent = 80;

/**
 * Judges where the states and the records that wait are kept.
 *
 * @param outboxBytes how much the records may take
 */
export function mediumFindings(
  directory: string,
  medium: Medium,
  outboxBytes: number,
): readonly Finding[] {
  return [directoryFinding(directory, medium, outboxBytes), ...wearFindings(medium)];
}

function directoryFinding(directory: string, medium: Medium, outboxBytes: number): Finding {
  const { fileSystem, freeBytes } = medium;
  const what = 'state directory';
  const detail = `${directory} on ${placeOf(medium)}, ${sizeText(freeBytes)} free`;
  const warning = (fix: string): Finding => ({ what, verdict: 'warning', detail, fix });
  if (fileSystem !== null && inMemory.has(fileSystem)) {
    return warning('a reboot empties it: name a stateDirectory on a disk');
  }
  if (fileSystem === 'overlay') {
    return warning('it goes with the container: mount a volume there');
  }
  if (fileSystem !== null && remote.has(fileSystem)) {
    return warning(
      'it is gone while the network is: name a stateDirectory on a disk of this machine',
    );
  }
  if (freeBytes < outboxBytes + spareBytes) {
    return warning(
      `records that wait may take ${sizeText(outboxBytes)}: free some, or lower mqtt.outbox.maxBytes`,
    );
  }
  return { what, verdict: 'ok', detail };
}

function wearFindings({ disk, kind, wornPercent, writtenBytes, errors }: Medium): Finding[] {
  if (disk === null) {
    return [];
  }
  const what = 'disk';
  const written =
    writtenBytes === null ? [] : [`${sizeText(writtenBytes)} written since it was formatted`];
  const worn =
    wornPercent === null
      ? kind === 'SD card'
        ? ['an SD card does not tell its wear']
        : []
      : [
          wornPercent > 100
            ? 'its life is used up'
            : `${wornPercent} % of its life used up at most`,
        ];
  const failed = errors === null || errors === 0 ? [] : [`${errors} errors of the file system`];
  const told = [...failed, ...worn, ...written];
  const detail = `${disk}: ${told.length === 0 ? 'it tells nothing of its wear' : told.join(', ')}`;
  if (failed.length > 0) {
    const fix =
      'back it up, then run fsck at the next boot, and look at "journalctl -k" for its reason';
    return [{ what, verdict: 'warning', detail, fix }];
  }
  if (wornPercent !== null && wornPercent >= wornFromPercent) {
    const fix = 'back it up and plan another; a longer state.checkpointSeconds writes less';
    return [{ what, verdict: 'warning', detail, fix }];
  }
  return [{ what, verdict: 'ok', detail }];
}

function placeOf({ disk, kind, fileSystem }: Medium): string {
  const about = [kind, fileSystem].filter((word) => word !== null).join(', ');
  return disk === null ? (fileSystem ?? 'an unknown medium') : `${disk}${about && ` (${about})`}`;
}

function sizeText(bytes: number): string {
  const gigabytes = bytes / 1e9;
  return gigabytes >= 1 ? `${gigabytes.toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}
