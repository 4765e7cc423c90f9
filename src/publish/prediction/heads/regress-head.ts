import type { Affine } from './affine.js';
import type { Head, Measure, MeasureName } from './head.js';
import type { NamedHead } from './labels.js';
import { numberText, stepsText } from './number-text.js';
import type { PublishedMember } from './published-member.js';

/** Values in the user's units: `"value":{"rul":312.5}`; or all steps of a window, where asked for. */
export class RegressHead implements Head {
  readonly task = 'regress';
  readonly name: string;
  readonly #named: NamedHead;
  readonly #affine: Affine;
  readonly #givesSteps: boolean;
  readonly #keys: readonly string[];
  /** Says where the newest step begins. */
  readonly #last: number;
  #rows: Float32Array = new Float32Array();
  #offset = 0;

  /** @param givesSteps whether `steps` stands in place of `value`, where a row has several */
  constructor(named: NamedHead, affine: Affine, givesSteps = false) {
    const { name, first, steps, labels } = named;
    this.name = name;
    this.#named = named;
    this.#affine = affine;
    this.#givesSteps = givesSteps && steps > 1;
    this.#keys = labels.map((label) => `${JSON.stringify(label)}:`);
    this.#last = first + (steps - 1) * labels.length;
  }

  row(rows: Float32Array, offset: number): void {
    this.#rows = rows;
    this.#offset = offset;
  }

  members(): string {
    const { first, steps, labels } = this.#named;
    if (this.#givesSteps) {
      const at = this.#offset + first;
      return `"steps":${stepsText(this.#rows, at, steps, labels.length, (raw, output) => this.#affine.valueOf(raw, output))}`;
    }
    let text = '"value":{';
    for (let i = 0; i < labels.length; i += 1) {
      text += `${i > 0 ? ',' : ''}${this.#keys[i] ?? ''}${numberText(this.#value(i))}`;
    }
    return `${text}}`;
  }

  measure({ label, value, feature }: MeasureName): Measure | undefined {
    const { labels } = this.#named;
    if (
      label !== undefined ||
      feature !== undefined ||
      (value === undefined && labels.length > 1)
    ) {
      return undefined;
    }
    const output = value === undefined ? 0 : labels.indexOf(value);
    return output < 0 ? undefined : () => this.#value(output);
  }

  get measures(): readonly string[] {
    return this.#named.labels.map((label) => `value: ${label}`);
  }

  get published(): readonly PublishedMember[] {
    if (this.#givesSteps) {
      return [];
    }
    return this.#named.labels.map((label, output) => ({
      path: ['value', label],
      what: 'value',
      name: label,
      units: this.#affine.units?.[output],
    }));
  }

  get facts(): object {
    return { labels: this.#named.labels, ...this.#affine.facts };
  }

  #value(output: number): number {
    return this.#affine.valueOf(this.#rows[this.#offset + this.#last + output] ?? 0, output);
  }
}
