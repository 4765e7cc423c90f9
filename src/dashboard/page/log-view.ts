import type { Mark } from '../messages.js';
import type { Course } from './course.js';
import { byId, make } from './element.js';
import { eventText } from './names.js';
import { clockText, spanText } from './number-text.js';

const mostLines = 60;

/** Shows the marks in words, the newest first. */
export class LogView {
  #shown = new Set<Mark>();

  /** Forgets what is shown: another stream comes. */
  clear(): void {
    this.#shown = new Set();
    byId('log', HTMLOListElement).replaceChildren();
  }

  draw({ marks }: Course): void {
    const list = byId('log', HTMLOListElement);
    for (const mark of marks) {
      if (!this.#shown.has(mark)) {
        this.#shown.add(mark);
        list.prepend(lineOf(mark));
      }
    }
    while (list.children.length > mostLines) {
      list.lastElementChild?.remove();
    }
  }
}

function lineOf(mark: Mark): HTMLLIElement {
  const line = make('li');
  const time = make('time', '', clockText(mark.at));
  time.dateTime = new Date(mark.at).toISOString();
  const said = make('span');
  const [bold, rest] = wordsOf(mark);
  const strong = make('b', '', bold);
  strong.dataset['what'] = mark.what;
  said.append(strong, rest);
  line.append(time, said);
  return line;
}

function wordsOf(mark: Mark): [string, string] {
  switch (mark.what) {
    case 'event':
      return [eventText(mark), ''];
    case 'gap':
      return ['gap', ` of ${spanText(mark.lengthMs)} (${mark.reason})`];
    case 'start':
      return ['start', `: ${mark.text}`];
  }
}
