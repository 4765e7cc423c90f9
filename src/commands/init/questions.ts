import { createInterface, type Interface } from 'node:readline/promises';
import { LstmdError } from '../../base/errors.js';
import { printableText } from '../../base/printable-text.js';

/** As a shell says that Ctrl-C ended a program. */
const interrupted = 130;

/** Asks on a terminal what no flag said; without one, or where nobody is to be asked, the defaults hold. */
export class Questions {
  readonly #terminal: Interface | undefined;

  /** @param isSilent whether to ask nothing, whatever stdin is */
  constructor(isSilent: boolean) {
    const canAsk = !isSilent && process.stdin.isTTY && process.stderr.isTTY;
    this.#terminal = canAsk
      ? createInterface({ input: process.stdin, output: process.stderr })
      : undefined;
    // A terminal that is read by the line hands on Ctrl-C and Ctrl-D, and ends nothing by itself.
    this.#terminal?.on('SIGINT', leave).on('close', leave);
  }

  get canAsk(): boolean {
    return this.#terminal !== undefined;
  }

  /**
   * @param said what a flag said
   * @param otherwise what an empty answer means; undefined where there is nothing
   * @param faultOf what is wrong with an answer, in words; it is asked for again
   * @throws LstmdError `usage.invalid` where something is wrong with what a flag said
   */
  async ask(
    question: string,
    said: string | undefined,
    otherwise: string | undefined,
    faultOf: (answer: string) => string | undefined = () => undefined,
  ): Promise<string | undefined> {
    if (said !== undefined || this.#terminal === undefined) {
      const given = said ?? otherwise;
      const fault = given === undefined ? undefined : faultOf(given);
      if (fault !== undefined) {
        throw new LstmdError('usage.invalid', fault);
      }
      return given;
    }
    const hint = otherwise === undefined ? '' : ` [${otherwise}]`;
    for (;;) {
      const answer = (await this.#terminal.question(`${question}${hint}: `)).trim();
      const given = answer === '' ? otherwise : answer;
      const fault = given === undefined ? undefined : faultOf(given);
      if (fault === undefined) {
        return given;
      }
      process.stderr.write(printableText(`${fault}\n`));
    }
  }

  close(): void {
    this.#terminal?.off('close', leave);
    this.#terminal?.close();
  }
}

function leave(): void {
  process.stderr.write('\n');
  process.exit(interrupted);
}
