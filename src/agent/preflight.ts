import { constants } from 'node:fs';
import { access, realpath, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, messageOf } from '../base/errors.js';
import { schemeOf } from '../config/option-types.js';
import { withAccessRemedy } from '../platform/file-access.js';
import { checkLink } from '../sensor/links/registry.js';
import type { Config } from './config-schema.js';

/** proc, sysfs and cgroup2 (linux/magic.h): root may write in them, and make no folder. */
const kernelFileSystems: ReadonlySet<number> = new Set([0x9fa0, 0x62656572, 0x63677270]);

/** What keeps a configuration from running on this machine, beside its models and its broker. */
export interface PreflightFaults {
  /** Of the state directory; undefined where there is none. */
  readonly stateDirectory: string | undefined;
  /** Of the ports. One that is not there is no fault: it may appear. */
  readonly links: readonly string[];
}

/** Looks at the state directory and at the ports, and changes nothing. */
export async function preflight(config: Config): Promise<PreflightFaults> {
  const owners = new Map<string, string>();
  const links: string[] = [];
  for (const [stream, { sensor }] of Object.entries(config.streams)) {
    if (schemeOf(sensor.link) !== undefined) {
      const unfit = await checkLink(sensor);
      if (unfit !== undefined) {
        links.push(`streams.${stream}: ${unfit}`);
      }
      continue;
    }
    const fault = await portFault(stream, sensor.link, owners);
    if (fault !== undefined) {
      links.push(`streams.${stream}.sensor.link: ${fault}`);
    }
  }
  return { stateDirectory: await stateDirectoryFault(config.stateDirectory), links };
}

/** @param owners streams by the device that they read; this one is added */
async function portFault(
  stream: string,
  link: string,
  owners: Map<string, string>,
): Promise<string | undefined> {
  try {
    const about = await stat(link);
    if (about.isFIFO()) {
      await access(link, constants.R_OK);
      return undefined;
    }
    if (!about.isCharacterDevice()) {
      const kind = about.isDirectory() ? 'a folder' : 'not a serial port';
      return `${link} is ${kind}: name the tty, such as /dev/serial/by-id/...`;
    }
    await access(link, constants.R_OK | constants.W_OK);
    const device = await realpath(link);
    const owner = owners.get(device);
    owners.set(device, stream);
    return owner === undefined
      ? undefined
      : `${link} is ${device}, which stream ${owner} reads already: a port has one reader`;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') {
      return undefined;
    }
    return code === 'EACCES' ? withAccessRemedy(messageOf(error), link) : messageOf(error);
  }
}

/** `run` makes a directory that is not there, so the nearest one above it must be writable. */
async function stateDirectoryFault(directory: string): Promise<string | undefined> {
  for (let at = directory; ; at = dirname(at)) {
    try {
      const about = await stat(at);
      if (!about.isDirectory()) {
        return `stateDirectory: ${at} is not a folder: name another, or remove it`;
      }
      await access(at, constants.R_OK | constants.W_OK | constants.X_OK);
      if (kernelFileSystems.has((await statfs(at)).type)) {
        return `stateDirectory: ${at} is the kernel's own, and nothing can be kept in it: name another`;
      }
      const user = process.geteuid?.();
      // Root may use any; anybody else would share the states with their owner.
      return at === directory && user !== 0 && about.uid !== user
        ? `stateDirectory: ${at} belongs to user ${about.uid}, and this is user ${user}: chown it, or name another`
        : undefined;
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'ENOENT' || dirname(at) === at) {
        return `stateDirectory: ${messageOf(error)}${code === 'EACCES' ? ': chown it, or name another' : ''}`;
      }
    }
  }
}
