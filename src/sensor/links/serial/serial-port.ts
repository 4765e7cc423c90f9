import { SerialPort } from 'serialport';
import { TtyReader } from '../../../platform/tty-reader.js';
import type { LineSettings } from './line-options.js';

export interface SerialPortOptions extends LineSettings {
  readonly path: string;
  /** True when DTR falls on closing, which resets many boards; default false. */
  readonly hupcl?: boolean | undefined;
  /** True when the driver hands on bytes at once, where it can; default true. */
  readonly lowLatency?: boolean | undefined;
}

/** A serial port that is open. */
export interface OpenPort {
  /** The descriptor that holds the lock; for asking whether the far end is gone. */
  readonly fd: number;
  /**
   * Begins to read; called once.
   *
   * @returns a promise that settles when the far end is gone or the port was closed
   */
  read(onBytes: (chunk: Uint8Array, arrivalMs: number) => void): Promise<void>;
  /** Goes on at another speed, without closing: what had come and was not read is forgotten. */
  setBaudRate(baudRate: number): Promise<void>;
  /** Sends bytes; what cannot be sent is lost. */
  write(bytes: Uint8Array): void;
  /** Reads no further until `resume`. */
  pause?(): void;
  resume?(): void;
  /** Closes every descriptor; called once. */
  close(): Promise<void>;
}

/**
 * Opens and configures a serial port with serialport's binding: 8N1 by default, locked,
 * DTR left as it is on closing unless asked for (dropping it resets an Arduino).
 *
 * @throws Error in the words of the system
 */
export async function openSerialPort(options: SerialPortOptions): Promise<OpenPort> {
  const { path, baudRate, dataBits = 8, parity = 'none', stopBits = 1 } = options;
  const { hupcl = false, lowLatency = true } = options;
  const line = { baudRate, dataBits, parity, stopBits };
  const port = await SerialPort.binding.open({ path, ...line, lock: true, hupcl });
  const fd = 'fd' in port ? port.fd : null;
  if (fd === null) {
    await port.close();
    throw new Error(`${path} has no file descriptor on this system`);
  }
  // Without `lowLatency` an FTDI adapter holds bytes back for 16 ms. Opening has raised DTR and RTS,
  // and they must be named here or they would fall. A pty or CDC ACM refuses and needs none of it.
  const lines = { brk: false, cts: false, dsr: false, dtr: true, rts: true, lowLatency };
  await port.set(lines).catch(() => undefined);
  let reader: TtyReader | undefined;
  return {
    fd,
    async read(onBytes) {
      reader = new TtyReader(fd, onBytes);
      await reader.closed;
    },
    async setBaudRate(newRate) {
      await port.update({ baudRate: newRate });
      await port.flush();
    },
    write(bytes) {
      port.write(Buffer.from(bytes)).catch(() => undefined);
    },
    pause: () => reader?.pause(),
    resume: () => reader?.resume(),
    async close() {
      reader?.close();
      await port.close();
    },
  };
}
