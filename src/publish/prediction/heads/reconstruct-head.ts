import type { Head, Measure, MeasureName } from './head.js';
import type { NamedHead } from './labels.js';
import { numberText, stepsText } from './number-text.js';
import type { PublishedMember } from './published-member.js';
import type { ReconstructionScore } from './reconstruction-score.js';
import type { SampleWindow } from './sample-window.js';

/**
 * The error of an autoencoder, `"score":0.031,"share":{"x":0.7,"y":0.2,"z":0.1}`, and the whole window that it
 * gives, `"steps":[[...],...]`, where asked for. The window that it is compared with is that of the samples.
 */
export class ReconstructHead implements Head {
  readonly task = 'reconstruct';
  readonly name: string;
  readonly #named: NamedHead;
  readonly #score: ReconstructionScore;
  readonly #samples: SampleWindow;
  readonly #givesSteps: boolean;
  readonly #keys: readonly string[];
  #rows: Float32Array = new Float32Array();
  #offset = 0;
  /** The score of the row last taken; undefined until it is asked for. */
  #known: number | undefined;

  constructor(
    named: NamedHead,
    score: ReconstructionScore,
    samples: SampleWindow,
    givesSteps = false,
  ) {
    this.name = named.name;
    this.#named = named;
    this.#score = score;
    this.#samples = samples;
    this.#givesSteps = givesSteps && named.steps > 1;
    this.#keys = named.labels.map((label) => `${JSON.stringify(label)}:`);
  }

  row(rows: Float32Array, offset: number): void {
    this.#rows = rows;
    this.#offset = offset;
    this.#known = undefined;
  }

  members(): string {
    const { first, steps, labels } = this.#named;
    let text = `"score":${numberText(this.#scoreNow())},"share":{`;
    const { parts } = this.#score;
    let sum = 0;
    for (let i = 0; i < parts.length; i += 1) {
      sum += parts[i] ?? 0;
    }
    for (let i = 0; i < parts.length; i += 1) {
      const share = sum === 0 ? 0 : (parts[i] ?? 0) / sum;
      text += `${i > 0 ? ',' : ''}${this.#keys[i] ?? ''}${numberText(share)}`;
    }
    text += '}';
    return this.#givesSteps
      ? `${text},"steps":${stepsText(this.#rows, this.#offset + first, steps, labels.length)}`
      : text;
  }

  measure({ label, value, feature }: MeasureName): Measure | undefined {
    if (label !== undefined || value !== undefined) {
      return undefined;
    }
    if (feature === undefined) {
      return () => this.#scoreNow();
    }
    const output = this.#named.labels.indexOf(feature);
    if (output < 0 || !this.#score.hasFeatureErrors) {
      return undefined;
    }
    return () => {
      this.#scoreNow();
      return this.#score.parts[output];
    };
  }

  get measures(): readonly string[] {
    const own = this.#score.hasFeatureErrors ? this.#named.labels : [];
    return ['the score', ...own.map((label) => `feature: ${label}`)];
  }

  get published(): readonly PublishedMember[] {
    const { name, labels } = this.#named;
    return [
      { path: ['score'], what: 'score', name },
      ...labels.map((label) => ({ path: ['share', label], what: 'share', name: label }) as const),
    ];
  }

  get facts(): object {
    const { metric, over, distribution } = this.#score.options;
    return {
      features: this.#named.labels,
      units: 'features',
      score: {
        metric,
        over,
        ...(distribution !== undefined && {
          error: distribution.isAbsolute ? 'absolute' : 'signed',
          squared: distribution.isSquared,
        }),
      },
    };
  }

  #scoreNow(): number {
    if (this.#known === undefined) {
      const { steps, first } = this.#named;
      this.#known = this.#score.compare({
        output: this.#rows,
        outputAt: this.#offset + first,
        input: this.#samples.values,
        inputAt: this.#samples.start(steps),
      });
    }
    return this.#known;
  }
}
