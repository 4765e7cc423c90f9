/** One thing wrong with a configuration: where, and what to do about it. */
export interface Fault {
  /** `['streams', 'spindle', 'sensor', 'rateHz']`; empty for the whole configuration. */
  readonly path: readonly (string | number)[];
  /** Follows the path and a colon, such as `is missing (number)`. */
  readonly message: string;
}

/** `streams.spindle.publish.events[0]`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`,
    '',
  );
}
