import { floatText } from '../../base/float-text.js';
import type { Labels } from './labels.js';

/**
 * Writes the JSON of predictions and events. Text is put together from parts that are ready
 * beforehand: `JSON.stringify` of an object a sample costs several times as much.
 */
export class PayloadWriter {
  readonly #labels: Labels;
  readonly #boot: string;
  /** `"<label>":` of each output. */
  readonly #keys: readonly string[];
  readonly #quoted = new Map<string, string>();

  constructor(boot: number, labels: Labels) {
    this.#labels = labels;
    this.#boot = `,"boot":${boot},"seq":`;
    this.#keys = labels.outputs.map((label, i) => `${i > 0 ? ',' : ''}${JSON.stringify(label)}:`);
  }

  /**
   * `{"ts":1763880000000,"boot":4,"seq":123,"p":{"running":0.93},"label":"running","warm":true}`,
   * without `label` where there are no labels, with `"gapMs"` where samples are missing before it.
   *
   * @param timeMs acquisition time, epoch milliseconds
   * @param rows finite outputs, this one from `offset` on
   * @param gapMs 0 without a gap
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

  /** `{"ts":1763880000000,"boot":4,"seq":123,"label":"running","state":"on","p":0.93}`. */
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

/** The JSON of a record as it is on the history topic: `{"history":true,"kind":"prediction",` and what it was. */
export function historyPayload(kind: 'prediction' | 'event', payload: string): string {
  return `{"history":true,"kind":"${kind}",${payload.slice(1)}`;
}
