import { floatText } from '../../base/float-text.js';
import type { Head, Labels } from './labels.js';

/**
 * Writes the JSON of predictions and events. The text is concatenated from parts that are made once:
 * `JSON.stringify` of an object for each sample costs several times as much.
 */
export class PayloadWriter {
  readonly #labels: Labels;
  readonly #boot: string;
  /** `"<label>":` of each output. */
  readonly #keys: readonly string[];
  /** `"<name>":` of each head. */
  readonly #headKeys: readonly string[];
  readonly #quoted = new Map<string, string>();

  /**
   * @param boot number of this process' life
   * @param labels names of the outputs
   */
  constructor(boot: number, labels: Labels) {
    this.#labels = labels;
    this.#boot = `,"boot":${boot},"seq":`;
    this.#keys = labels.outputs.map((label) => `${JSON.stringify(label)}:`);
    this.#headKeys = labels.heads.map(({ name }) => `${JSON.stringify(name)}:`);
  }

  /**
   * `{"ts":1763880000000,"boot":4,"seq":123,"p":{"running":0.93},"label":"running","warm":true}`,
   * without `label` where there are no labels, and with `"gapMs"` where samples are missing before it.
   * Of a model of several heads, `"heads":{"<name>":{"p":{...},"label":"..."}}` stands in place of `p` and `label`.
   *
   * @param timeMs when the sample was acquired, epoch milliseconds
   * @param seq number of the sample in this boot
   * @param rows outputs, all finite; this one begins at `offset`
   * @param gapMs length of the gap before the sample, milliseconds; 0 without one, null where nobody knows
   */
  prediction(
    timeMs: number,
    seq: number,
    rows: Float32Array,
    offset: number,
    warm: boolean,
    gapMs: number | null,
  ): string {
    let text = `{"ts":${Math.round(timeMs)}${this.#boot}${seq},`;
    const { heads } = this.#labels;
    const [only, ...others] = heads;
    if (only !== undefined && others.length === 0) {
      text += this.#head(only, rows, offset);
    } else {
      for (const [i, head] of heads.entries()) {
        const before = i === 0 ? '"heads":{' : ',';
        text += `${before}${this.#headKeys[i] ?? ''}{${this.#head(head, rows, offset)}}`;
      }
      text += '}';
    }
    text += warm ? ',"warm":true' : ',"warm":false';
    if (gapMs === null) {
      return `${text},"gapMs":null}`;
    }
    return gapMs > 0 ? `${text},"gapMs":${Math.round(gapMs)}}` : `${text}}`;
  }

  /**
   * `{"ts":1763880000000,"boot":4,"seq":123,"label":"running","state":"on","p":0.93}`.
   *
   * @param timeMs when the sample was acquired, epoch milliseconds
   * @param seq number of the sample in this boot
   * @param p the output of that label, finite
   */
  event(timeMs: number, seq: number, label: string, state: 'on' | 'off', p: number): string {
    return `{"ts":${Math.round(timeMs)}${this.#boot}${seq},"label":${this.#quote(label)},"state":"${state}","p":${floatText(p)}}`;
  }

  /** `"p":{...},"label":"..."` of one head. */
  #head(head: Head, rows: Float32Array, offset: number): string {
    let text = '"p":{';
    for (let i = 0; i < head.labels.length; i += 1) {
      const output = head.first + i;
      const key = this.#keys[output] ?? '';
      text += `${i > 0 ? ',' : ''}${key}${floatText(rows[offset + output] ?? 0)}`;
    }
    const label = this.#labels.of(head, rows, offset);
    return label === undefined ? `${text}}` : `${text}},"label":${this.#quote(label)}`;
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
