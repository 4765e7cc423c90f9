import type { PreparedStream } from '../agent/prepared-stream.js';
import type { Threshold } from './messages.js';

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
