import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { namesIn, textIn } from './sys-files.js';

/** A serial port of this machine, as the kernel and udev describe it. */
export interface ListedPort {
  /** The device, such as `/dev/ttyUSB0`; its number depends on the order in which devices came. */
  readonly device: string;
  /** A name under `/dev/serial/by-id` that stays with the device; null where udev gave it none. */
  readonly byId: string | null;
  /** Holds what a USB device says of itself; null for a port of the board. */
  readonly usb: UsbIdentity | null;
}

export interface UsbIdentity {
  /** Four hexadecimal digits, such as `0403`. */
  readonly vendorId: string;
  readonly productId: string;
  /** The vendor's name, as the device gives it; null where it gives none. */
  readonly vendor: string | null;
  readonly product: string | null;
  readonly serialNumber: string | null;
}

/** Says where the system is looked at; tests build their own. */
export interface SystemRoots {
  readonly sys: string;
  readonly dev: string;
}

const linux: SystemRoots = { sys: '/sys', dev: '/dev' };

/**
 * The ports that have hardware behind them, in the order of their names. They are read from sysfs, which
 * knows of the ports of a board as well, and needs no udev.
 *
 * Source: the kernel's Documentation/ABI/testing/sysfs-tty (`type`, 0 where a UART was not found).
 */
export async function listSerialPorts(roots: SystemRoots = linux): Promise<ListedPort[]> {
  const names = await namesIn(join(roots.sys, 'class/tty'));
  const stableNames = await readStableNames(roots.dev);
  const ports = await Promise.all(names.map((name) => describePort(roots, name, stableNames)));
  return ports
    .filter((port) => port !== null)
    .toSorted((a, b) => a.device.localeCompare(b.device, 'en', { numeric: true }));
}

async function describePort(
  { sys, dev }: SystemRoots,
  name: string,
  stableNames: ReadonlyMap<string, string>,
): Promise<ListedPort | null> {
  const entry = join(sys, 'class/tty', name);
  const hardware = await realpath(join(entry, 'device')).catch(() => null);
  // Consoles and pseudo-terminals have no device; a UART of type 0 is a number that the kernel reserves.
  if (hardware === null || (await textIn(join(entry, 'type'))) === '0') {
    return null;
  }
  // A container sees the ports of its host here, and has the devices of few of them.
  const device = join(dev, name);
  const place = await realpath(device).catch(() => null);
  if (place === null) {
    return null;
  }
  const byId = stableNames.get(place) ?? null;
  return { device, byId, usb: await usbIdentity(hardware, sys) };
}

/** The identity of the USB device that a port is part of: of the nearest folder above it that has one. */
async function usbIdentity(hardware: string, sys: string): Promise<UsbIdentity | null> {
  for (let folder = hardware; folder.startsWith(`${sys}/`); folder = dirname(folder)) {
    const vendorId = await textIn(join(folder, 'idVendor'));
    if (vendorId !== null) {
      return {
        vendorId,
        productId: (await textIn(join(folder, 'idProduct'))) ?? '',
        vendor: await textIn(join(folder, 'manufacturer')),
        product: await textIn(join(folder, 'product')),
        serialNumber: await textIn(join(folder, 'serial')),
      };
    }
  }
  return null;
}

/** Says where udev has the names that stay with their devices. */
export const byIdFolder = '/dev/serial/by-id';

/** The name under `/dev/serial/by-id` that leads to a device; undefined where there is none. */
export async function stableNameOf(device: string): Promise<string | undefined> {
  return (await readStableNames(linux.dev)).get(device);
}

/** Returns from each device to its name under `/dev/serial/by-id`. */
async function readStableNames(dev: string): Promise<Map<string, string>> {
  const folder = join(dev, 'serial/by-id');
  const names = new Map<string, string>();
  for (const name of await namesIn(folder)) {
    const link = join(folder, name);
    const device = await realpath(link).catch(() => null);
    if (device !== null) {
      names.set(device, link);
    }
  }
  return names;
}
