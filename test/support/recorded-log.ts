import type { Log } from '#src/base/log.js';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that a test can read. */
export class RecordedLog implements Log {
  readonly lines: LogLine[] = [];
  /** Called after each line. */
  heard: (line: LogLine) => void = () => {};

  #add(level: LogLine['level'], fields: object, message: string): void {
    const line = { level, fields: { ...fields }, message };
    this.lines.push(line);
    this.heard(line);
  }

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#add('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#add('error', fields, message);
  }

  /** Messages at a level. */
  at(level: LogLine['level']): string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }
}
