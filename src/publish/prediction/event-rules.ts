import { LstmdError } from '../../base/errors.js';
import { attempt, raise, type FaultReport } from '../../base/fault-report.js';
import type { Head, Measure } from './heads/head.js';

/** From which side a number reaches a threshold. */
export type Direction = 'above' | 'below';

/**
 * An event is on when its number reaches `on`, and off when it comes back to `off`; between the two it stays as it
 * was. It is of a probability (`label`), or it has a name of its own (`event`) and is of a value, of the score of a
 * reconstruction or one feature's error in it, or of the error of a forecast. The configuration's schema sees
 * to it that it has one of the two names, and that `off` is not beyond `on`.
 */
export interface EventRule {
  readonly label?: string | undefined;
  readonly event?: string | undefined;
  /** The head, where several have such a number. */
  readonly head?: string | undefined;
  /** The value, where a head has several. */
  readonly value?: string | undefined;
  readonly feature?: string | undefined;
  readonly on: number;
  readonly off: number;
  /** Default: `below` where `on` is below `off`. */
  readonly when?: Direction | undefined;
  /** A change counts once it has held for so long, milliseconds; default 0. */
  readonly minMs?: number | undefined;
  /** Says where the thresholds are from, for people. */
  readonly origin?: string | undefined;
}

/** The name of an event: that of its label, or its own. */
export function eventName({ label, event = '' }: Pick<EventRule, 'label' | 'event'>): string {
  return label ?? event;
}

/** An event rule with the number that it watches. */
export interface WatchedRule {
  /** Its thresholds may be set while it is watched. */
  rule: EventRule;
  readonly direction: Direction;
  readonly measure: Measure;
  /** Name of the head that has the number. */
  readonly head: string;
}

/**
 * The rule of an event with other thresholds.
 *
 * @throws LstmdError `usage.invalid` for thresholds that it cannot have
 */
export function withThresholds(
  { rule, direction }: WatchedRule,
  on: number,
  off: number,
  origin: string,
): EventRule {
  if (rule.label !== undefined && [on, off].some((value) => value < 0 || value > 1)) {
    throw new LstmdError('usage.invalid', 'on and off of a label are probabilities, from 0 to 1');
  }
  if (direction === 'above' ? off > on : off < on) {
    throw new LstmdError(
      'usage.invalid',
      `the event is on ${direction} its threshold: off must not be ${direction} on`,
    );
  }
  return { ...rule, on, off, when: direction, origin };
}

export function directionOf({ when, on, off }: Pick<EventRule, 'when' | 'on' | 'off'>): Direction {
  return when ?? (on < off ? 'below' : 'above');
}

/**
 * Finds the number that each rule watches.
 *
 * @param report takes each fault where all are wanted, and the rules at fault are left out
 * @throws LstmdError `config.invalid` naming a label, value, feature or head that there is not, a rule that
 *   several numbers fit, or a name that two events have
 */
export function watchedRules(
  rules: readonly EventRule[],
  heads: readonly Head[],
  report: FaultReport = raise,
): WatchedRule[] {
  const names = rules.map(eventName);
  return rules.flatMap((rule, index) => {
    const name = names[index] ?? '';
    if (names.indexOf(name) !== index) {
      const message = `two events are called "${name}", and a subscriber could not tell them apart`;
      report(new LstmdError('config.invalid', message, { at: ['publish', 'events', index] }));
    }
    const found = attempt(report, () => measureOf(rule, index, heads));
    if (found === undefined) {
      return [];
    }
    const { measure, head } = found;
    return [{ rule, direction: directionOf(rule), measure, head: head.name }];
  });
}

function measureOf(
  rule: EventRule,
  index: number,
  heads: readonly Head[],
): { readonly measure: Measure; readonly head: Head } {
  const named = heads.filter(({ name }) => rule.head === undefined || rule.head === name);
  const subject = `"${eventName(rule)}"`;
  const place = ['publish', 'events', index];
  if (named.length === 0) {
    const names = heads.map(({ name }) => name).join(', ');
    throw new LstmdError(
      'config.invalid',
      `${subject}: there is no head "${rule.head ?? ''}": ${names}`,
      { at: [...place, 'head'] },
    );
  }
  const found = named.flatMap((head) => {
    const measure = head.measure(rule);
    return measure === undefined ? [] : [{ measure, head }];
  });
  const [only, second] = found;
  if (only !== undefined && second === undefined) {
    return only;
  }
  if (second !== undefined) {
    const names = found.map(({ head }) => head.name).join(', ');
    throw new LstmdError(
      'config.invalid',
      `${subject} fits several heads, name one by \`head\`: ${names}`,
      { at: place },
    );
  }
  const isClassified = named.some(({ task }) => task === 'classify');
  if (rule.label !== undefined && isClassified) {
    const labels = named.flatMap(({ task, measures }) => (task === 'classify' ? measures : []));
    throw new LstmdError(
      'config.invalid',
      `${subject} is no output of the model: ${labels.map((each) => each.replace('label: ', '')).join(', ')}`,
      { at: [...place, 'label'] },
    );
  }
  const watchable = named.flatMap(({ name, task, measures }) =>
    measures.map((each) => `${each} (${task}${heads.length > 1 ? `, head ${name}` : ''})`),
  );
  const advice =
    rule.label === undefined
      ? ''
      : '; a label is for probabilities: name an event of a number by `event`, or say model.task: classify';
  throw new LstmdError(
    'config.invalid',
    `${subject} names no one number that the model gives; there are: ${watchable.join('; ') || 'none'}${advice}`,
    { at: place },
  );
}
