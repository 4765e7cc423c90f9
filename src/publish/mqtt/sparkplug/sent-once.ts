import type { RetainedValue } from '../retained-values.js';

/** A value that is sent once: it is neither retained nor sent again. */
export function sentOnce(
  value: Pick<RetainedValue, 'topic' | 'payload' | 'qos' | 'taken'> &
    Partial<Pick<RetainedValue, 'answered'>>,
): RetainedValue {
  return {
    answered: () => {},
    ...value,
    isRetained: false,
    isDescribed: false,
    sendAgain: () => {},
  };
}
