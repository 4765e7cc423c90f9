import type { Course } from './course.js';
import { byId, make } from './element.js';
import { outputName } from './names.js';
import { shortText } from './number-text.js';

/** Shows what the model says now: each output with its newest value, and the state of each event. */
export class NowView {
  #values: { readonly value: HTMLElement; readonly bar: HTMLProgressElement | undefined }[] = [];
  #chips: { readonly name: string; readonly chip: HTMLElement }[] = [];

  /** Makes the places of a stream's outputs. */
  show({ facts }: Course): void {
    const rows = make('div', 'now-rows');
    rows.dataset['many'] = String(facts.outputs.length > 3);
    this.#values = facts.outputs.map((output) => {
      const { name, what, units } = output;
      const row = make('div', 'now-row');
      const value = make('span');
      const number = make('span', 'now-value');
      number.append(value, make('span', 'now-units', units));
      row.append(make('span', 'now-name', outputName(output)), number);
      const bar = what === 'probability' ? make('progress') : undefined;
      if (bar !== undefined) {
        bar.max = 1;
        bar.setAttribute('aria-label', `Probability of ${name}`);
        row.append(bar);
      }
      rows.append(row);
      return { value, bar };
    });
    const chips = make('ul', 'chips');
    chips.setAttribute('aria-label', 'Events');
    this.#chips = facts.thresholds.map(({ event }) => {
      const chip = make('li', 'chip', `${event}: unknown`);
      chips.append(chip);
      return { name: event, chip };
    });
    byId('now', HTMLDivElement).replaceChildren(rows, ...(this.#chips.length > 0 ? [chips] : []));
    byId('facts', HTMLParagraphElement).textContent =
      `Model ${facts.model} · ${facts.mode} · ${facts.engine} (${facts.target}) · ${facts.rateHz} samples a second` +
      (facts.moreOutputs > 0 ? `; ${facts.moreOutputs} more outputs are not drawn` : '');
  }

  draw(course: Course): void {
    for (const [n, newest] of course.newest().entries()) {
      const place = this.#values[n];
      if (place === undefined) {
        continue;
      }
      place.value.textContent = shortText(newest);
      if (place.bar !== undefined) {
        place.bar.value = newest ?? 0;
      }
    }
    for (const { name, chip } of this.#chips) {
      const last = course.marks.findLast((mark) => mark.what === 'event' && mark.name === name);
      if (last?.what === 'event') {
        chip.textContent = `${name}: ${last.isOn ? 'on' : 'off'}`;
        chip.dataset['on'] = String(last.isOn);
      }
    }
  }
}
