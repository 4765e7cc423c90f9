import { integerText } from '../../base/integer-text.js';
import { floatText } from '../../base/float-text.js';
import type { EventRule } from './event-rules.js';
import type { OnOff } from './event-state.js';
import type { Head } from './heads/head.js';
import { numberText } from './heads/number-text.js';

/**
 * Writes the JSON of predictions and events. The text is concatenated from parts that are made once:
 * `JSON.stringify` of an object for each sample costs several times as much.
 */
export class PayloadWriter {
  readonly #boot: string;
  readonly #heads: readonly Head[];
  /** `"<name>":{` of each head. */
  readonly #headKeys: readonly string[];
  readonly #quoted = new Map<string, string>();

  /**
   * @param boot number of this process' life
   * @param heads the model's outputs, in its order
   */
  constructor(boot: number, heads: readonly Head[]) {
    this.#boot = `,"boot":${boot},"seq":`;
    this.#heads = heads;
    this.#headKeys = heads.map(({ name }) => `${JSON.stringify(name)}:{`);
  }

  /**
   * The row that the heads took last:
   * `{"ts":1763880000000,"boot":4,"seq":123,"p":{"running":0.93},"label":"running","warm":true}`, with
   * `"gapMs"` where samples are missing before it. In place of `p` and `label` stands what the head of another task
   * says; of several heads, `"heads":{"<name>":{...}}`.
   *
   * @param timeMs when the sample was acquired, epoch milliseconds
   * @param seq number of the sample in this boot
   * @param gapMs length of the gap before the sample, milliseconds; 0 without one, null where nobody knows
   * @param filled samples that were made up in that gap, which `"filled"` tells
   */
  prediction(timeMs: number, seq: number, warm: boolean, gapMs: number | null, filled = 0): string {
    let text = `{"ts":${integerText(Math.round(timeMs))}${this.#boot}${integerText(seq)},`;
    const [only, ...others] = this.#heads;
    if (only !== undefined && others.length === 0) {
      text += only.members();
    } else {
      for (let i = 0; i < this.#heads.length; i += 1) {
        const before = i === 0 ? '"heads":{' : ',';
        text += `${before}${this.#headKeys[i] ?? ''}${this.#heads[i]?.members() ?? ''}}`;
      }
      text += '}';
    }
    text += warm ? ',"warm":true' : ',"warm":false';
    if (gapMs === null) {
      return `${text},"gapMs":null}`;
    }
    const made = filled > 0 ? `,"filled":${filled}` : '';
    return gapMs > 0 ? `${text},"gapMs":${integerText(Math.round(gapMs))}${made}}` : `${text}}`;
  }

  /**
   * `{"ts":1763880000000,"boot":4,"seq":123,"label":"running","state":"on","p":0.93}`, or, of what is no
   * probability, `"event":"hot","state":"on","value":81.2`.
   *
   * @param timeMs when the sample was acquired, epoch milliseconds
   * @param seq number of the sample in this boot
   * @param value the number that the rule watches, finite
   */
  event(
    timeMs: number,
    seq: number,
    { label, event = '' }: Pick<EventRule, 'label' | 'event'>,
    state: OnOff,
    value: number,
  ): string {
    const head = `{"ts":${integerText(Math.round(timeMs))}${this.#boot}${integerText(seq)},`;
    return label === undefined
      ? `${head}"event":${this.#quote(event)},"state":"${state}","value":${numberText(value)}}`
      : `${head}"label":${this.#quote(label)},"state":"${state}","p":${floatText(value)}}`;
  }

  #quote(label: string): string {
    let quoted = this.#quoted.get(label);
    if (quoted === undefined) {
      quoted = JSON.stringify(label);
      this.#quoted.set(label, quoted);
    }
    return quoted;
  }
}
