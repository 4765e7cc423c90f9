import { setTimeout as sleep } from 'node:timers/promises';
import { waitForWake } from '../../base/wait-for-wake.js';
import { crc16Modbus } from '../../sensor/decoders/frames/checksums.js';
import { readRequest } from '../../sensor/decoders/modbus/read-request.js';
import type { OpenPort } from '../../sensor/links/serial/serial-port.js';

/** A request for registers. */
export interface RegisterRequest {
  readonly slave: number;
  /** 3 for holding registers, 4 for input registers. */
  readonly function: 3 | 4;
  readonly start: number;
  readonly count: number;
}

/** The registers, each from 0 to 65,535; or the code of an exception, with none of them. */
export interface Answer {
  readonly registers: readonly number[];
  readonly exception?: number;
}

/** Bits of a byte on the line, with parity. */
const bitsOfByte = 11;
const silentBytes = 3.5;
const exceptionBit = 0x80;

/** A line of Modbus RTU, on which this machine is the master: it only ever asks for registers. */
export class ModbusLine {
  readonly #port: OpenPort;
  readonly #byteMs: number;
  #heard: number[] = [];
  #onHeard: (() => void) | undefined;

  /** @param baudRate the speed that the port has */
  constructor(port: OpenPort, baudRate: number) {
    this.#port = port;
    this.#byteMs = (1000 * bitsOfByte) / baudRate;
    const ended = (): void => this.#onHeard?.();
    port
      .read((chunk) => {
        this.#heard.push(...chunk);
        this.#onHeard?.();
      })
      .then(ended, ended);
  }

  /**
   * Asks once.
   *
   * @param patienceMs what a slave takes to answer, beside the bytes on the line
   * @returns undefined where no answer came
   */
  async ask(request: RegisterRequest, patienceMs: number): Promise<Answer | undefined> {
    await sleep(Math.ceil(silentBytes * this.#byteMs));
    this.#heard = [];
    const bytes = readRequest(request.slave, request.function, request.start, request.count);
    const answerBytes = 5 + 2 * request.count;
    const endMs =
      performance.now() + patienceMs + this.#byteMs * (bytes.length + answerBytes + silentBytes);
    this.#port.write(bytes);
    for (;;) {
      const answer = answerIn(this.#heard, request);
      const leftMs = endMs - performance.now();
      if (answer !== undefined || leftMs <= 0) {
        return answer;
      }
      await this.#wait(leftMs);
    }
  }

  /** Waits until bytes come, or for so long. */
  #wait(ms: number): Promise<void> {
    return waitForWake(ms, (wake) => {
      this.#onHeard = wake;
    });
  }
}

/** The answer among bytes that may begin with an echo of the request or with noise. */
function answerIn(heard: readonly number[], request: RegisterRequest): Answer | undefined {
  const { slave, count } = request;
  const bytes = Uint8Array.from(heard);
  for (let at = 0; at + 5 <= bytes.length; at += 1) {
    if (bytes[at] !== slave) {
      continue;
    }
    if (bytes[at + 1] === (request.function | exceptionBit) && isGood(bytes, at, 5)) {
      return { registers: [], exception: bytes[at + 2] ?? 0 };
    }
    const length = 5 + 2 * count;
    const isAnswer = bytes[at + 1] === request.function && bytes[at + 2] === 2 * count;
    if (isAnswer && at + length <= bytes.length && isGood(bytes, at, length)) {
      const registers = Array.from(
        { length: count },
        (_, n) => ((bytes[at + 3 + 2 * n] ?? 0) << 8) | (bytes[at + 4 + 2 * n] ?? 0),
      );
      return { registers };
    }
  }
  return undefined;
}

function isGood(bytes: Uint8Array, at: number, length: number): boolean {
  const crcAt = at + length - 2;
  const crc = (bytes[crcAt] ?? 0) | ((bytes[crcAt + 1] ?? 0) << 8);
  return crc16Modbus(bytes, at, crcAt) === crc;
}
