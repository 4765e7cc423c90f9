import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { listSerialPorts } from '#src/platform/serial-ports.js';
import { testFolder } from '../support/daemon.js';

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A system with an FTDI adapter, an Arduino without a name, a UART of the board, and what is no port. */
function fakeSystem(t: TestContext): { sys: string; dev: string } {
  const folder = testFolder(t);
  const sys = join(folder, 'sys');
  const dev = join(folder, 'dev');
  const addTty = (name: string, hardware: string | null, type?: string): void => {
    const entry = join(sys, 'devices', hardware ?? 'virtual', 'tty', name);
    mkdirSync(entry, { recursive: true });
    mkdirSync(join(sys, 'class/tty'), { recursive: true });
    symlinkSync(entry, join(sys, 'class/tty', name));
    if (hardware !== null) {
      symlinkSync(join(sys, 'devices', hardware), join(entry, 'device'));
    }
    if (type !== undefined) {
      write(join(entry, 'type'), `${type}\n`);
    }
    write(join(dev, name), '');
  };
  const adapter = join(sys, 'devices/usb1/1-2');
  write(join(adapter, 'idVendor'), '0403\n');
  write(join(adapter, 'idProduct'), '6001\n');
  write(join(adapter, 'manufacturer'), 'FTDI\n');
  write(join(adapter, 'product'), 'FT232R USB UART\n');
  write(join(adapter, 'serial'), 'A50285BI\n');
  const board = join(sys, 'devices/usb1/1-3');
  write(join(board, 'idVendor'), '2341\n');
  write(join(board, 'idProduct'), '0043\n');
  addTty('ttyUSB10', 'usb1/1-2/1-2:1.0/ttyUSB10');
  addTty('ttyUSB9', 'usb1/1-3/1-3:1.0/ttyUSB9');
  addTty('ttyS0', 'pnp0/00:00', '4');
  addTty('ttyS1', 'platform/serial8250', '0');
  addTty('tty1', null);
  // The host of a container has it.
  addTty('ttyS2', 'pnp0/00:01', '4');
  rmSync(join(dev, 'ttyS2'));
  const byId = join(dev, 'serial/by-id');
  mkdirSync(byId, { recursive: true });
  symlinkSync('../../ttyUSB10', join(byId, 'usb-FTDI_A50285BI-if00-port0'));
  symlinkSync('../../ttyGone', join(byId, 'usb-gone'));
  return { sys, dev };
}

test('lists ports with hardware behind them, with the names that stay and what USB says', async (t) => {
  const roots = fakeSystem(t);
  const { dev } = roots;
  assert.deepEqual(await listSerialPorts(roots), [
    { device: join(dev, 'ttyS0'), byId: null, usb: null },
    {
      device: join(dev, 'ttyUSB9'),
      byId: null,
      usb: { vendorId: '2341', productId: '0043', vendor: null, product: null, serialNumber: null },
    },
    {
      device: join(dev, 'ttyUSB10'),
      byId: join(dev, 'serial/by-id/usb-FTDI_A50285BI-if00-port0'),
      usb: {
        vendorId: '0403',
        productId: '6001',
        vendor: 'FTDI',
        product: 'FT232R USB UART',
        serialNumber: 'A50285BI',
      },
    },
  ]);
});

test('finds none where the system has no ttys', async (t) => {
  const folder = testFolder(t);
  assert.deepEqual(await listSerialPorts({ sys: folder, dev: folder }), []);
});
