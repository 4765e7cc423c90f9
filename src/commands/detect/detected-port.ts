import { realpath } from 'node:fs/promises';
import { LstmdError, messageOf } from '../../base/errors.js';
import { findFileHolders } from '../../platform/file-holders.js';
import { accessRemedy } from '../../platform/file-access.js';
import { listSerialPorts } from '../../platform/serial-ports.js';
import { openSerialPort, type OpenPort } from '../../sensor/links/serial/serial-port.js';
import { portsText, reportPorts } from '../ports/action.js';

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
    return ports.find((port) => port.device === device)?.byId ?? named;
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
 * Opens a port to listen to it. Nothing is ever written to it.
 *
 * @throws LstmdError `sensor.link` with who holds it, or the command that lets this user open it
 */
export async function openToListen(path: string, baudRate: number): Promise<OpenPort> {
  const device = await realpath(path).catch((cause: unknown) => {
    throw new LstmdError(
      'sensor.link',
      `there is no ${path}: plug the sensor in; lstmd ports lists the ports`,
      { cause },
    );
  });
  const remedy = await accessRemedy(device);
  if (remedy !== null) {
    throw new LstmdError('sensor.link', `${path} may not be opened; to open it: ${remedy}`);
  }
  const { byFile } = await findFileHolders(new Set([device]));
  const holders = byFile.get(device) ?? [];
  if (holders.length > 0) {
    const names = holders.map(({ program, pid }) => `${program} (${pid})`).join(', ');
    throw new LstmdError(
      'sensor.link',
      `${path} is held by ${names}: stop that first (a service by systemctl stop, a program by kill ${holders[0]?.pid ?? ''})`,
    );
  }
  try {
    return await openSerialPort({ path, baudRate });
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
