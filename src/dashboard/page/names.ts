import type { Mark, OutputFacts } from '../messages.js';

/** An output as it is called on the page: with its head, where the model has several. */
export function outputName({ name, head }: OutputFacts): string {
  return head === '' ? name : `${head}: ${name}`;
}

/** An event that was turned, in words. */
export function eventText({ name, isOn }: Extract<Mark, { what: 'event' }>): string {
  return `${name} ${isOn ? 'on' : 'off'}`;
}
