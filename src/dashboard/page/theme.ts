import { byId } from './element.js';

const choices = ['auto', 'light', 'dark'] as const;
type Choice = (typeof choices)[number];
const key = 'lstmd.theme';

/** The colours of the page: those of the system, or what its reader has chosen. */
export class Theme {
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #changed: () => void;
  #choice: Choice = choices.find((each) => each === localStorage.getItem(key)) ?? 'auto';

  /** @param changed called after the colours have become others */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Takes the colours, and goes with what the system and the reader choose. */
  start(): void {
    this.#dark.addEventListener('change', () => this.#apply());
    byId('theme', HTMLButtonElement).addEventListener('click', () => {
      this.#choice = choices[(choices.indexOf(this.#choice) + 1) % choices.length] ?? 'auto';
      localStorage.setItem(key, this.#choice);
      this.#apply();
    });
    this.#show();
  }

  #apply(): void {
    this.#show();
    this.#changed();
  }

  #show(): void {
    const isDark = this.#choice === 'auto' ? this.#dark.matches : this.#choice === 'dark';
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
    const button = byId('theme', HTMLButtonElement);
    button.textContent = `Colours: ${this.#choice}`;
  }
}

/** A colour of the style sheet as it is now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
