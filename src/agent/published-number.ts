import type { Head, Measure } from '../publish/prediction/heads/head.js';

/** A single number that a stream publishes, and how it is read of the newest row of outputs. */
export interface PublishedNumber {
  readonly name: string;
  /** The head that it is of. */
  readonly head: string;
  readonly what: 'probability' | 'value' | 'score' | 'error';
  /** Empty where the configuration does not say it. */
  readonly units: string;
  readonly measure: Measure;
}

/** The single numbers among what heads publish. */
export function publishedNumbers(heads: readonly Head[]): PublishedNumber[] {
  return heads.flatMap((head) =>
    head.published.flatMap(({ what, name, units = '' }): PublishedNumber[] => {
      if (what !== 'probability' && what !== 'value' && what !== 'score' && what !== 'error') {
        return [];
      }
      const measure = head.measure(
        what === 'probability' ? { label: name } : what === 'value' ? { value: name } : {},
      );
      return measure === undefined ? [] : [{ name, head: head.name, what, units, measure }];
    }),
  );
}
