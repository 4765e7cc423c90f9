import { createInterface, type Interface } from 'node:readline/promises';

/** Asks on a terminal what no flag said; without one, or where nobody is to be asked, the defaults hold. */
export class Questions {
  readonly #terminal: Interface | undefined;

  /** @param isSilent whether to ask nothing, whatever stdin is */
  constructor(isSilent: boolean) {
    const canAsk = !isSilent && process.stdin.isTTY && process.stderr.isTTY;
    this.#terminal = canAsk
      ? createInterface({ input: process.stdin, output: process.stderr })
      : undefined;
  }

  /**
   * @param said what a flag said
   * @param otherwise what an empty answer means; undefined where there is nothing
   */
  async ask(
    question: string,
    said: string | undefined,
    otherwise: string | undefined,
  ): Promise<string | undefined> {
    if (said !== undefined || this.#terminal === undefined) {
      return said ?? otherwise;
    }
    const hint = otherwise === undefined ? '' : ` [${otherwise}]`;
    const answer = (await this.#terminal.question(`${question}${hint}: `)).trim();
    return answer === '' ? otherwise : answer;
  }

  close(): void {
    this.#terminal?.close();
  }
}
