import { floatText } from '../../../base/float-text.js';
import type { Head, Measure, MeasureName } from './head.js';
import type { NamedHead } from './labels.js';
import { stepsText } from './number-text.js';
import type { PublishedMember } from './published-member.js';

/** Probabilities: `"p":{"walk":0.9,"run":0.1},"label":"walk"`; or all steps of a window, where asked for. */
export class ClassifyHead implements Head {
  readonly task = 'classify';
  readonly name: string;
  readonly #named: NamedHead;
  readonly #givesSteps: boolean;
  /** `"<label>":` of each output. */
  readonly #keys: readonly string[];
  readonly #quotedLabels: readonly string[];
  readonly #quotedNegative: string;
  /** Says where the newest step begins. */
  readonly #last: number;
  #rows: Float32Array = new Float32Array();
  #offset = 0;

  /** @param givesSteps whether `steps` stands in place of `p` and `label`, where a row has several */
  constructor(named: NamedHead, givesSteps = false) {
    const { name, first, steps, labels, negative = '' } = named;
    this.name = name;
    this.#named = named;
    this.#givesSteps = givesSteps && steps > 1;
    this.#quotedLabels = labels.map((label) => JSON.stringify(label));
    this.#keys = this.#quotedLabels.map((label) => `${label}:`);
    this.#quotedNegative = JSON.stringify(negative);
    this.#last = first + (steps - 1) * labels.length;
  }

  row(rows: Float32Array, offset: number): void {
    this.#rows = rows;
    this.#offset = offset;
  }

  members(): string {
    const { first, steps, labels, isNamed } = this.#named;
    if (this.#givesSteps) {
      return `"steps":${stepsText(this.#rows, this.#offset + first, steps, labels.length)}`;
    }
    let text = '"p":{';
    for (let i = 0; i < labels.length; i += 1) {
      text += `${i > 0 ? ',' : ''}${this.#keys[i] ?? ''}${floatText(this.#p(i))}`;
    }
    return isNamed ? `${text}},"label":${this.#label()}` : `${text}}`;
  }

  measure({ label }: MeasureName): Measure | undefined {
    const output = label === undefined ? -1 : this.#named.labels.indexOf(label);
    return output < 0 ? undefined : () => this.#p(output);
  }

  get measures(): readonly string[] {
    return this.#named.labels.map((label) => `label: ${label}`);
  }

  get published(): readonly PublishedMember[] {
    if (this.#givesSteps) {
      return [];
    }
    const { name, labels, negative, isNamed } = this.#named;
    const options = negative === undefined ? labels : [...labels, negative];
    return [
      ...labels.map((label) => ({ path: ['p', label], what: 'probability', name: label }) as const),
      ...(isNamed ? [{ path: ['label'], what: 'label', name, options } as const] : []),
    ];
  }

  get facts(): object {
    return { labels: this.#named.labels };
  }

  #p(output: number): number {
    return this.#rows[this.#offset + this.#last + output] ?? 0;
  }

  /** The label of the row, in quotes: that of its largest output, or by 0.5 of a single one. */
  #label(): string {
    const { labels, negative } = this.#named;
    if (negative !== undefined) {
      return this.#p(0) >= 0.5 ? (this.#quotedLabels[0] ?? '') : this.#quotedNegative;
    }
    let best = 0;
    for (let i = 1; i < labels.length; i += 1) {
      if (this.#p(i) > this.#p(best)) {
        best = i;
      }
    }
    return this.#quotedLabels[best] ?? '';
  }
}
