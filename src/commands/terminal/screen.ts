import { styleText } from 'node:util';

/** The width that is assumed of a terminal that tells 0. */
const defaultColumns = 80;
const framesPerSecond = 10;
const historyBlocks = ' ▁▂▃▄▅▆▇█';
const escape = '\u001b[';

/** Draws lines in place on a terminal, ten times a second. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #lines: () => readonly string[];
  #drawnLines = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param lines what is shown now */
  constructor(out: NodeJS.WriteStream, lines: () => readonly string[]) {
    this.#out = out;
    this.#lines = lines;
  }

  start(): void {
    this.#out.write(`${escape}?25l`);
    this.#timer = setInterval(() => this.#draw(), 1000 / framesPerSecond);
  }

  /** Draws the last frame and gives the cursor back; does nothing where it was not started. */
  stop(): void {
    if (this.#timer === undefined) {
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#draw();
    this.#out.write(`${escape}?25h`);
  }

  #draw(): void {
    const columns = this.#out.columns > 0 ? this.#out.columns : defaultColumns;
    const lines = this.#lines().map((line) => clip(line, columns));
    // Lines of a longer frame before would stay below a shorter one.
    const home = this.#drawnLines > 0 ? `${escape}${this.#drawnLines}A\r${escape}J` : '';
    this.#out.write(`${home}${lines.map((line) => `${escape}2K${line}`).join('\n')}\n`);
    this.#drawnLines = lines.length;
  }
}

/** Cuts a line to the terminal's width, not counting escape sequences, so that it never wraps. */
export function clip(line: string, columns: number): string {
  let left = columns;
  return line
    .split(escape)
    .map((part, index) => {
      const styleEnd = index === 0 ? 0 : part.indexOf('m') + 1;
      const text = part.slice(styleEnd, styleEnd + left);
      left -= text.length;
      return `${index === 0 ? '' : escape}${part.slice(0, styleEnd)}${text}`;
    })
    .join('');
}

/** A share from 0 to 1 as a bar. */
export function bar(share: number, width: number, color: 'green' | 'cyan'): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return styleText(color, '█'.repeat(filled) + styleText('dim', '░'.repeat(width - filled)));
}

/** A share from 0 to 1 as a column of a history. */
export function block(share: number): string {
  const top = historyBlocks.length - 1;
  return historyBlocks[Math.min(top, Math.max(1, Math.round(share * top)))] ?? ' ';
}

export function dim(text: string): string {
  return styleText('dim', text);
}
