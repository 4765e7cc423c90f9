import { printableText } from '../../base/printable-text.js';
import { accessRemedy } from '../../platform/file-access.js';
import { findFileHolders, type FileHolder } from '../../platform/file-holders.js';
import { listSerialPorts, type ListedPort } from '../../platform/serial-ports.js';
import { table } from '../terminal/table.js';

export interface PortsOptions {
  readonly json?: boolean;
}

/** A port as `lstmd ports --json` prints it. */
export interface PortReport extends ListedPort {
  /** The processes that have it open; null where none is known, and not every process could be looked at. */
  readonly holders: readonly FileHolder[] | null;
  readonly mayOpen: boolean;
  /** The command that lets this user open it; null where it may. */
  readonly remedy: string | null;
}

/** Prints the serial ports of this machine, with who holds each and whether this user may open it. */
export async function ports(options: PortsOptions): Promise<void> {
  const reports = await reportPorts(await listSerialPorts());
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
    return;
  }
  if (reports.length === 0) {
    process.stderr.write(
      'lstmd: no serial port: plug the sensor in, and look at "dmesg | tail" where that gives none;\na container is given its port with --device\n',
    );
    return;
  }
  process.stdout.write(printableText(`${portsText(reports)}\n`));
}

/** Adds who holds each port, and whether this user may open it. */
export async function reportPorts(found: readonly ListedPort[]): Promise<PortReport[]> {
  const { byFile, isComplete } = await findFileHolders(new Set(found.map(({ device }) => device)));
  return Promise.all(
    found.map(async (port) => {
      const remedy = await accessRemedy(port.device);
      const holders = byFile.get(port.device) ?? (isComplete ? [] : null);
      return { ...port, holders, mayOpen: remedy === null, remedy };
    }),
  );
}

/** The reports as a table, with a line below a port that may not be opened. */
export function portsText(reports: readonly PortReport[]): string {
  const rows = reports.map((report) => [
    report.byId ?? report.device,
    report.byId === null ? '' : report.device,
    deviceText(report),
    holderText(report),
    report.mayOpen ? 'may be opened' : 'may not be opened',
  ]);
  const lines = table([['port', 'device', 'what', 'held by', 'access'], ...rows]);
  return [
    ...lines,
    ...reports.flatMap(({ device, remedy }) =>
      remedy === null ? [] : [`to open ${device}: ${remedy}`],
    ),
  ].join('\n');
}

function deviceText({ usb }: ListedPort): string {
  if (usb === null) {
    return 'port of the board';
  }
  const names = [usb.vendor, usb.product].filter((name) => name !== null).join(' ');
  return `${names} (${usb.vendorId}:${usb.productId})`.trimStart();
}

function holderText({ holders }: PortReport): string {
  if (holders === null) {
    return 'nobody known (other users are not seen)';
  }
  return holders.map(({ pid, program }) => `${program} (${pid})`).join(', ') || 'nobody';
}
