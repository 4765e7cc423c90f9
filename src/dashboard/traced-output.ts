import type { PreparedStream } from '../agent/prepared-stream.js';
import type { Head, Measure } from '../publish/prediction/heads/head.js';
import type { OutputFacts, Threshold } from './messages.js';

/** A number that a stream publishes, and how it is read of the newest row. */
export interface TracedOutput extends OutputFacts {
  readonly measure: Measure;
}

/** The single numbers among what a stream publishes. */
export function tracedOutputs({ heads }: Pick<PreparedStream, 'heads'>): TracedOutput[] {
  return heads.flatMap((head) => outputsOf(head, heads.length > 1 ? head.name : ''));
}

function outputsOf(head: Head, headName: string): TracedOutput[] {
  return head.published.flatMap((member): TracedOutput[] => {
    const { what, name } = member;
    if (what !== 'probability' && what !== 'value' && what !== 'score' && what !== 'error') {
      return [];
    }
    const measure = head.measure(
      what === 'probability' ? { label: name } : what === 'value' ? { value: name } : {},
    );
    const units = 'units' in member ? (member.units ?? '') : '';
    return measure === undefined ? [] : [{ name, head: headName, what, units, measure }];
  });
}

/** The bounds of a stream's events. */
export function thresholdsOf({
  events,
  heads,
}: Pick<PreparedStream, 'events' | 'heads'>): Threshold[] {
  return events.map(({ rule, head }) => {
    const { label, event = '', on, off } = rule;
    const task = heads.find(({ name }) => name === head)?.task;
    const what =
      label !== undefined
        ? 'probability'
        : task === 'reconstruct'
          ? 'score'
          : task === 'forecast'
            ? 'error'
            : 'value';
    return { event: label ?? event, what, on, off };
  });
}
