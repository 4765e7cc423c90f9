/** One thing that was examined. */
export interface Finding {
  readonly what: string;
  /**
   * `run` does without what is `missing` or `broken`, as far as is known, and works beside a `warning`, which will cost
   * something one day; with a `fault` it ends.
   */
  readonly verdict: 'ok' | 'missing' | 'broken' | 'warning' | 'fault';
  readonly detail: string;
  /** The way out, in one line, where something is not as it should be. */
  readonly fix?: string | undefined;
}

/** A finding as people read it: what is, and what to do about it. */
export function findingText({ detail, fix }: Finding): string {
  return fix === undefined ? detail : `${detail}: ${fix}`;
}
