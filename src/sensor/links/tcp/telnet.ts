/** The commands of telnet (RFC 854) and of its option for serial ports (RFC 2217) that are used here. */
const iac = 255;
const dont = 254;
const doIt = 253;
const wont = 252;
const will = 251;
const subnegotiation = 250;
const subnegotiationEnd = 240;
const binary = 0;
const suppressGoAhead = 3;
const comPort = 44;

/** Holds what a server says beside its bytes. */
export interface TelnetSink {
  /** It takes on the option for serial ports, or refuses it. */
  comPort(isTaken: boolean): void;
  /** It answers a command of that option: 101 to 1, 102 to 2 ... */
  answer(command: number, value: Uint8Array): void;
  /** Bytes are to be sent to it. */
  send(bytes: Uint8Array): void;
}

/** A subnegotiation that is longer is none of those that are read. */
const longestAnswer = 64;

/** Takes telnet's commands out of a server's bytes, and answers what it asks. */
export class Telnet {
  readonly #sink: TelnetSink;
  #state: 'data' | 'command' | 'option' | 'answer' | 'answerCommand' = 'data';
  #verb = 0;
  readonly #answer: number[] = [];

  constructor(sink: TelnetSink) {
    this.#sink = sink;
  }

  /** Asks for 8-bit bytes and for the option for serial ports. */
  begin(): void {
    for (const [verb, option] of [
      [will, binary],
      [doIt, binary],
      [doIt, suppressGoAhead],
      [will, comPort],
    ] as const) {
      // oxfmt-ignore
      this.#sink.send(Uint8Array.of(iac, verb, option));
    }
  }

  /** Sends a command of the option for serial ports. */
  command(command: number, value: readonly number[]): void {
    this.#sink.send(
      Uint8Array.of(
        iac,
        subnegotiation,
        comPort,
        command,
        ...escaped(Uint8Array.from(value)),
        iac,
        subnegotiationEnd,
      ),
    );
  }

  /**
   * Takes the next bytes.
   *
   * @param chunk is overwritten from its beginning
   * @returns how many bytes of data it begins with
   */
  take(chunk: Uint8Array): number {
    let length = 0;
    for (const byte of chunk) {
      if (this.#state === 'data' && byte !== iac) {
        chunk[length] = byte;
        length += 1;
      } else if (this.#state === 'command' && byte === iac) {
        chunk[length] = iac;
        length += 1;
        this.#state = 'data';
      } else {
        this.#control(byte);
      }
    }
    return length;
  }

  #control(byte: number): void {
    switch (this.#state) {
      case 'data':
        this.#state = 'command';
        break;
      case 'command':
        this.#verb = byte;
        this.#answer.length = 0;
        this.#state =
          byte === subnegotiation ? 'answer' : byte >= will && byte <= dont ? 'option' : 'data';
        break;
      case 'option':
        this.#state = 'data';
        this.#negotiate(byte);
        break;
      case 'answer':
        if (byte === iac) {
          this.#state = 'answerCommand';
        } else {
          this.#keep(byte);
        }
        break;
      case 'answerCommand':
        if (byte === subnegotiationEnd) {
          this.#state = 'data';
          const [option, command, ...value] = this.#answer;
          if (option === comPort && command !== undefined) {
            this.#sink.answer(command, Uint8Array.from(value));
          }
        } else {
          this.#state = 'answer';
          this.#keep(byte);
        }
        break;
    }
  }

  #keep(byte: number): void {
    if (this.#answer.length < longestAnswer) {
      this.#answer.push(byte);
    }
  }

  /** Refuses every option but those that were asked for, which are not acknowledged again. */
  #negotiate(option: number): void {
    if (option === comPort && (this.#verb === doIt || this.#verb === dont)) {
      this.#sink.comPort(this.#verb === doIt);
    } else if (this.#verb === doIt && option !== binary) {
      this.#sink.send(Uint8Array.of(iac, wont, option));
    } else if (this.#verb === will && option !== binary && option !== suppressGoAhead) {
      this.#sink.send(Uint8Array.of(iac, dont, option));
    }
  }
}

/** Bytes as they are sent over telnet: 255 stands there twice. */
export function escaped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes].flatMap((byte) => (byte === iac ? [iac, iac] : [byte])));
}
