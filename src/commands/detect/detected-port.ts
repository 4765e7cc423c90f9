import { realpath, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LstmdError, messageOf } from '../../base/errors.js';
import { findFileHolders, type FileHolder } from '../../platform/file-holders.js';
import { accessRemedy } from '../../platform/file-access.js';
import { byIdFolder, listSerialPorts, stableNameOf } from '../../platform/serial-ports.js';
import { otherKindOf } from '../../platform/terminal-kind.js';
import { openSerialPort, type OpenPort } from '../../sensor/links/serial/serial-port.js';
import { portsText, reportPorts } from '../ports/action.js';

/** A process that holds a port for so long is none that is being started, or is closing it. */
const holdMs = 250;

/**
 * The port that was named, by the name that stays with its device where it has one; without a name the only one
 * there is.
 *
 * @throws LstmdError `usage.invalid` with the list of ports, where there is not just one
 */
export async function choosePort(named: string | undefined): Promise<string> {
  const ports = await listSerialPorts();
  if (named !== undefined) {
    const device = await realpath(named).catch(() => named);
    return named.startsWith(byIdFolder) ? named : ((await stableNameOf(device)) ?? named);
  }
  const [first, ...others] = ports;
  if (first === undefined) {
    throw new LstmdError(
      'usage.invalid',
      'there is no serial port: plug the sensor in, or name a port, such as lstmd detect /dev/ttyUSB0',
    );
  }
  if (others.length > 0) {
    const list = portsText(await reportPorts(ports));
    throw new LstmdError('usage.invalid', `there are several ports, name one:\n${list}`);
  }
  return first.byId ?? first.device;
}

/**
 * Opens a port to listen to it. Nothing is written to it here.
 *
 * @throws LstmdError `sensor.link` with who holds it, the command that lets this user open it, or what else it is
 */
export async function openToListen(
  path: string,
  baudRate: number,
  parity: 'none' | 'even' | 'odd' = 'none',
): Promise<OpenPort> {
  const device = await realpath(path).catch((cause: unknown) => {
    const isLoop = cause instanceof Error && 'code' in cause && cause.code === 'ELOOP';
    throw new LstmdError(
      'sensor.link',
      isLoop
        ? `${path} is no serial port: it is a link that leads to itself; lstmd ports lists the ports`
        : `there is no ${path}: plug the sensor in; lstmd ports lists the ports`,
      { cause },
    );
  });
  const otherKind = await otherKindOf(await stat(device));
  if (otherKind !== undefined) {
    throw new LstmdError(
      'sensor.link',
      `${path} is no serial port, but ${otherKind}; lstmd ports lists the ports`,
    );
  }
  const remedy = await accessRemedy(device);
  if (remedy !== null) {
    throw new LstmdError('sensor.link', `${path} may not be opened; to open it: ${remedy}`);
  }
  const holders = await lastingHolders(device);
  if (holders.length > 0) {
    const names = holders.map(({ program, pid }) => `${program} (${pid})`).join(', ');
    throw new LstmdError(
      'sensor.link',
      `${path} is held by ${names}: stop that first (a service by systemctl stop, a program by kill ${holders[0]?.pid ?? ''})`,
    );
  }
  try {
    return await openSerialPort({ path, baudRate, parity });
  } catch (cause) {
    const held = messageOf(cause).includes('Cannot lock');
    throw new LstmdError(
      'sensor.link',
      held
        ? `${path} is held by a program of another user: sudo fuser -v ${path} names it; stop that first`
        : `cannot open ${path}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** Returns who holds a device at two looks: a process that is being started, or is closing it, has it for a moment only. */
async function lastingHolders(device: string): Promise<readonly FileHolder[]> {
  const look = async (): Promise<readonly FileHolder[]> =>
    (await findFileHolders(new Set([device]))).byFile.get(device) ?? [];
  if ((await look()).length === 0) {
    return [];
  }
  await sleep(holdMs);
  return look();
}
