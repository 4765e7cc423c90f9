import { LstmdError } from '../../base/errors.js';
import type { Labels } from './labels.js';

/**
 * An event is on when its label's probability reaches `on`, and off when it falls to `off` or below; between
 * the two it stays as it was. The configuration's schema sees to it that `off` is not above `on`.
 */
export interface EventRule {
  readonly label: string;
  readonly on: number;
  readonly off: number;
}

/** An event rule, with the output of the model that it watches. */
export interface OutputEventRule extends EventRule {
  /** Index of the output in a row. */
  readonly output: number;
}

/**
 * Finds the output that each rule watches.
 *
 * @throws LstmdError `config.invalid` naming a label that is no output of the model
 */
export function outputEventRules(rules: readonly EventRule[], labels: Labels): OutputEventRule[] {
  return rules.map(({ label, on, off }) => {
    const output = labels.outputs.indexOf(label);
    if (output < 0) {
      throw new LstmdError(
        'config.invalid',
        `publish.events: "${label}" is no output of the model: ${labels.outputs.join(', ')}`,
      );
    }
    return { label, on, off, output };
  });
}
