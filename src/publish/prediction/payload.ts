import { floatText } from '../../base/float-text.js';
import type { Labels } from './labels.js';

/**
 * Writes the JSON of predictions and events. The text is concatenated from parts that are made once:
 * `JSON.stringify` of an object for each sample costs several times as much.
 */
export class PayloadWriter {
  readonly #labels: Labels;
  readonly #boot: string;
  /** `"<label>":` of each output. */
  readonly #keys: readonly string[];
  readonly #quoted = new Map<string, string>();

  /**
   * @param boot number of this process' life
   * @param labels names of the outputs
   */
  constructor(boot: number, labels: Labels) {
    this.#labels = labels;
    this.#boot = `,"boot":${boot},"seq":`;
    this.#keys = labels.outputs.map((label, i) => `${i > 0 ? ',' : ''}${JSON.stringify(label)}:`);
  }

  /**
   * `{"ts":1763880000000,"boot":4,"seq":123,"p":{"running":0.93},"label":"running","warm":true}`,
   * without `label` where there are no labels, and with `"gapMs"` where samples are missing before it.
   *
   * @param timeMs when the sample was acquired, epoch milliseconds
   * @param seq number of the sample in this boot
   * @param rows outputs, all finite; this one begins at `offset`
   * @param gapMs length of the gap before the sample, milliseconds; 0 without one
   */
  prediction(
    timeMs: number,
    seq: number,
    rows: Float32Array,
    offset: number,
    warm: boolean,
    gapMs: number,
  ): string {
    let text = `{"ts":${Math.round(timeMs)}${this.#boot}${seq},"p":{`;
    for (let i = 0; i < this.#keys.length; i += 1) {
      text += (this.#keys[i] ?? '') + floatText(rows[offset + i] ?? 0);
    }
    const label = this.#labels.of(rows, offset);
    text += label === undefined ? '}' : `},"label":${this.#quote(label)}`;
    text += warm ? ',"warm":true' : ',"warm":false';
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

  #quote(label: string): string {
    let quoted = this.#quoted.get(label);
    if (quoted === undefined) {
      quoted = JSON.stringify(label);
      this.#quoted.set(label, quoted);
    }
    return quoted;
  }
}
