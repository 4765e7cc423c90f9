import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import { errorCode, fileFault, LstmdError, messageOf } from '../base/errors.js';
import { schemeOf } from '../config/option-types.js';
import { withAccessRemedy } from '../platform/file-access.js';
import { directoryFault } from '../platform/own-directory.js';
import { nameTheTty, otherKindOf } from '../platform/terminal-kind.js';
import { checkLink } from '../sensor/links/registry.js';
import type { Config } from './config-schema.js';

/**
 * Finds what keeps a configuration from running on this machine, beside its models and its broker: in its state
 * directory, its token and its ports. Changes nothing. A port that is not there is no fault: it may appear.
 *
 * @returns errors that name the option at fault
 */
export async function preflight(config: Config): Promise<LstmdError[]> {
  const { stateDirectory, streams } = config;
  const faults: LstmdError[] = [];
  const ofDirectory = await directoryFault(stateDirectory);
  if (ofDirectory !== undefined) {
    const { code, message } = ofDirectory;
    faults.push(new LstmdError(code, message, { at: ['stateDirectory'] }));
  }
  return [...faults, ...(await tokenFaults(config)), ...(await portFaults(streams))];
}

/**
 * The faults of the token and the ports that no waiting mends: nobody could read what is served, or what a link names is
 * no port, or is another stream's. A port that may not be opened is none of them, for udev sets the rights a moment after
 * the port appears.
 */
export async function lastingFaults(config: Config): Promise<LstmdError[]> {
  const ofPorts = await portFaults(config.streams);
  return [
    ...(await tokenFaults(config)),
    ...ofPorts.filter(({ code }) => code === 'config.invalid'),
  ];
}

/** Looks at the token as it is now: others may renew it later. */
async function tokenFaults({ monitoring }: Config): Promise<LstmdError[]> {
  const file = monitoring?.tokenFile;
  if (file === undefined) {
    return [];
  }
  const at = ['monitoring', 'tokenFile'];
  try {
    const isEmpty = (await readFile(file, 'utf8')).trim() === '';
    const message = `${file} is empty: write a token of your own into it, such as that of "openssl rand -hex 16"`;
    return isEmpty ? [new LstmdError('config.invalid', message, { at })] : [];
  } catch (error) {
    return [new LstmdError('config.unreadable', fileFault(file, error), { at })];
  }
}

async function portFaults(streams: Config['streams']): Promise<LstmdError[]> {
  const owners = new Map<string, PortOwner>();
  const faults: LstmdError[] = [];
  for (const [stream, { sensor }] of Object.entries(streams)) {
    const at = ['streams', stream, 'sensor', 'link'];
    if (schemeOf(sensor.link) !== undefined) {
      const unfit = await checkLink(sensor);
      if (unfit !== undefined) {
        faults.push(new LstmdError('config.invalid', unfit, { at }));
      }
      continue;
    }
    const fault = await portFault(stream, sensor.link, owners);
    if (fault !== undefined) {
      faults.push(new LstmdError(fault.code, fault.message, { at }));
    }
  }
  return faults;
}

/** A stream that reads a device, and the link by which it names it. */
interface PortOwner {
  readonly stream: string;
  readonly link: string;
}

/** @param owners streams by the device that they read; this one is added */
async function portFault(
  stream: string,
  link: string,
  owners: Map<string, PortOwner>,
): Promise<LstmdError | undefined> {
  try {
    const about = await stat(link);
    const isFifo = about.isFIFO();
    if (!isFifo && (await otherKindOf(about)) !== undefined) {
      const kind = about.isDirectory() ? 'a folder' : 'not a serial port';
      const message = `${link} is ${kind}: ${nameTheTty}`;
      return new LstmdError('config.invalid', message);
    }
    await access(link, isFifo ? constants.R_OK : constants.R_OK | constants.W_OK);
    const device = await realpath(link);
    const owner = owners.get(device);
    owners.set(device, { stream, link });
    // A port that was pulled out meanwhile leaves its device to the next one that is plugged in.
    const isClash = owner !== undefined && (await realpath(owner.link)) === device;
    return isClash
      ? new LstmdError(
          'config.invalid',
          `${link} is ${device}, which stream ${owner.stream} reads already: a port has one reader`,
        )
      : undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') {
      return undefined;
    }
    const message = messageOf(error);
    return new LstmdError(
      'sensor.link',
      code === 'EACCES' ? await withAccessRemedy(message, link) : message,
    );
  }
}
