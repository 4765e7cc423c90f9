/** One thing wrong with a configuration: where, and what to do about it. */
export interface Fault {
  /** `['streams', 'spindle', 'sensor', 'rateHz']`; empty for the whole configuration. */
  readonly path: readonly (string | number)[];
  /** Follows the path and a colon, such as `is missing (number)`. */
  readonly message: string;
}
