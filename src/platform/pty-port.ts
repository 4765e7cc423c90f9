import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadAddon } from './addon.js';
import { errorCode, LstmdError, reasonOf } from '../base/errors.js';

/** The most bytes that wait for a slow reader: a few seconds at 115200 baud. */
const queueBytes = 64 * 1024;
/** A reader configures and flushes the port right after opening it; a line sent then may be lost. */
const settleMs = 100;
const pollMs = 10;

interface Master {
  readonly fd: number;
  readonly path: string;
}

/**
 * A simulated serial port: a pseudo-terminal under a chosen name, which can be unplugged and
 * plugged in again. As with a UART, bytes that are sent while nobody has the port open are lost,
 * and when the reader is too slow, the oldest chunks that wait are dropped.
 */
export class PtyPort {
  /** Chunks that the kernel took whole, and chunks that were lost. */
  readonly counters = { sent: 0, dropped: 0 };

  readonly #link: string;
  #master: Master | undefined;
  readonly #heard = new Uint8Array(1024);
  #queue: Uint8Array[] = [];
  #queued = 0;
  /** True when part of the first chunk in the queue was written, so that its rest must follow. */
  #begun = false;
  #retry: NodeJS.Timeout | undefined;
  #drained: (() => void)[] = [];

  /** @param link where the port appears, as a symbolic link to the pseudo-terminal */
  constructor(link: string) {
    this.#link = link;
  }

  get plugged(): boolean {
    return this.#master !== undefined;
  }

  /** Returns whether a reader has the port open. */
  get read(): boolean {
    return this.#master !== undefined && !loadAddon().hungUp(this.#master.fd);
  }

  /** Bits a second that a reader has set, which a pseudo-terminal itself does not care about; 0 while unplugged. */
  get baud(): number {
    return this.#master === undefined ? 0 : loadAddon().ttyBaud(this.#master.fd);
  }

  /**
   * Makes the port appear, on a new pseudo-terminal.
   *
   * @throws LstmdError `sensor.link` when the link cannot be made, or its name is taken by a file
   */
  plug(): void {
    if (this.#master !== undefined) {
      return;
    }
    const master = loadAddon().openPty();
    try {
      // A fresh terminal does not say that nobody has it open; one that was closed does.
      closeSync(openSync(master.path, constants.O_RDWR | constants.O_NOCTTY));
      // A simulator that was killed leaves its link behind.
      if (lstatSync(this.#link, { throwIfNoEntry: false })?.isSymbolicLink()) {
        unlinkSync(this.#link);
      }
      symlinkSync(master.path, this.#link);
    } catch (cause) {
      closeSync(master.fd);
      throw new LstmdError(
        'sensor.link',
        `cannot make a serial port at ${this.#link}: ${reasonOf(cause)}`,
        { cause },
      );
    }
    this.#master = master;
  }

  /** Hangs up, which is what readers see when a USB plug is pulled. */
  unplug(): void {
    const master = this.#master;
    if (master === undefined) {
      return;
    }
    this.#master = undefined;
    this.#drop();
    if (targetOf(this.#link) === master.path) {
      unlinkSync(this.#link);
    }
    closeSync(master.fd);
  }

  /** Unplugs for good. */
  stop(): void {
    this.unplug();
  }

  /**
   * Sends a chunk, which is best a whole line, because only whole chunks are dropped.
   *
   * @returns false when the chunk waits for the reader: see `drained`
   */
  write(chunk: Uint8Array): boolean {
    if (!this.read) {
      this.#drop();
      this.counters.dropped += 1;
      return true;
    }
    this.#queue.push(chunk);
    this.#queued += chunk.length;
    if (this.#retry === undefined) {
      this.#send();
    }
    while (this.#queued > queueBytes && this.#queue.length > 1) {
      const [oldest] = this.#queue.splice(this.#begun ? 1 : 0, 1);
      this.#queued -= oldest?.length ?? 0;
      this.counters.dropped += 1;
    }
    return this.#queue.length === 0;
  }

  /** The bytes that the reader has sent since the last call, valid until the next one; empty where there are none. */
  heard(): Uint8Array {
    if (this.#master === undefined) {
      return this.#heard.subarray(0, 0);
    }
    try {
      return this.#heard.subarray(0, readSync(this.#master.fd, this.#heard));
    } catch (error) {
      // Nothing is there, or nobody has the port open.
      if (errorCode(error) === 'EAGAIN' || errorCode(error) === 'EIO') {
        return this.#heard.subarray(0, 0);
      }
      throw error;
    }
  }

  /** Resolves when every chunk was sent or dropped, or when the signal aborts. */
  drained(signal?: AbortSignal): Promise<void> {
    if (this.#queue.length === 0 || signal?.aborted) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const finish = (): void => {
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      signal?.addEventListener('abort', finish);
      this.#drained.push(finish);
    });
  }

  /**
   * Resolves when a reader has the port open and is ready for a first line.
   *
   * @throws AbortError when the signal aborts first
   */
  async whenRead(signal?: AbortSignal): Promise<void> {
    while (!this.read) {
      await sleep(pollMs, undefined, { signal });
    }
    await sleep(settleMs, undefined, { signal });
  }

  #send(): void {
    this.#retry = undefined;
    if (!this.read) {
      this.#drop();
    }
    for (let chunk = this.#queue[0]; chunk !== undefined; chunk = this.#queue[0]) {
      const written = this.#tryWrite(chunk);
      this.#queued -= written;
      if (written < chunk.length) {
        if (written > 0) {
          this.#queue[0] = chunk.subarray(written);
          this.#begun = true;
        }
        this.#retry = setTimeout(() => this.#send(), written > 0 ? 1 : pollMs);
        return;
      }
      this.#begun = false;
      this.#queue.shift();
      this.counters.sent += 1;
    }
    for (const resolve of this.#drained.splice(0)) {
      resolve();
    }
  }

  #tryWrite(chunk: Uint8Array): number {
    if (this.#master === undefined) {
      return 0;
    }
    try {
      return writeSync(this.#master.fd, chunk);
    } catch (error) {
      if (errorCode(error) === 'EAGAIN') {
        return 0;
      }
      throw error;
    }
  }

  #drop(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.counters.dropped += this.#queue.length;
    this.#queue = [];
    this.#queued = 0;
    this.#begun = false;
    for (const resolve of this.#drained.splice(0)) {
      resolve();
    }
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
