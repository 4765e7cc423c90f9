import type { Counters } from '../messages.js';
import { byId, make } from './element.js';
import { countText, spanText } from './number-text.js';

/** Counts of the stream and the device, and the pills for sensor and broker. */
export class CountersView {
  readonly #places = new Map<string, HTMLElement>();

  draw(now: Counters, expectedHz: number): void {
    const rate = now.measuredHz === null ? '–' : `${now.measuredHz}/s`;
    const isRateOff = now.measuredHz !== null && Math.abs(now.measuredHz / expectedHz - 1) > 0.05;
    this.#set('Rate', rate, isRateOff);
    this.#set('Samples', countText(now.samples));
    this.#set('Gaps', countText(now.gaps));
    this.#set('Not read', countText(now.unread));
    this.#set('Predictions', countText(now.predictions));
    this.#set('Events', countText(now.events));
    this.#set('Delivered', countText(now.delivered));
    this.#set('Waiting', countText(now.waiting));
    this.#set('Dropped', countText(now.dropped), now.dropped > 0);
    this.#set('States saved', countText(now.saves), now.savesFailing > 0);
    this.#set('Running for', spanText(1000 * now.uptimeSeconds));
    pill('sensor', now.connected, now.connected ? 'sensor' : 'sensor away');
    pill('broker', now.brokerConnected, now.brokerConnected ? 'broker' : 'broker away');
  }

  #set(name: string, text: string, isBad = false): void {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = make('dd');
      const pair = make('div');
      pair.append(make('dt', '', name), place);
      byId('counters', HTMLDListElement).append(pair);
      this.#places.set(name, place);
    }
    place.textContent = text;
    place.dataset['bad'] = String(isBad);
  }
}

/** Says with a colour and a word how a connection is. */
export function pill(id: string, isGood: boolean | undefined, text: string): void {
  const element = byId(id, HTMLSpanElement);
  const state = isGood === undefined ? 'wait' : isGood ? 'good' : 'bad';
  // A status region is read aloud at each change, so it is changed only when it says something new.
  if (element.dataset['state'] !== state || element.textContent !== text) {
    element.dataset['state'] = state;
    element.textContent = text;
  }
}
