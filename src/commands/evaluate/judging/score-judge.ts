import { FloatList, joined } from '../../../evaluation/float-list.js';
import { histogramsOf, type Histogram } from '../../../evaluation/histogram.js';
import { Moments } from '../../../evaluation/moments.js';
import { quantile } from '../../../evaluation/value-sample.js';
import { noLabel } from '../../../evaluation/window-label.js';
import { curveOf, type CurveReport } from './class-figures.js';
import type { Judge, NamedNumber, Targets } from './judge.js';

/** How scores are distributed. */
export interface ScoreDistribution {
  readonly count: number;
  readonly mean: number | null;
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** The score below which a share of all lies: by the share, such as `0.99`. */
  readonly quantiles: Readonly<Record<string, number | null>>;
  readonly histogram: Histogram;
}

/** The scores of outputs of one kind, warm or all. */
export interface ScoreFigures {
  readonly normal: ScoreDistribution;
  /** It is of the samples that an alarm is for. */
  readonly abnormal: ScoreDistribution;
  /** The threshold is in `alarm`, a curve only where there are both kinds. */
  readonly curve: CurveReport;
}

/** The scores of a recording. */
export interface RecordingScores {
  readonly recording: number;
  readonly count: number;
  readonly mean: number | null;
  readonly max: number | null;
}

/** Holds what a mode is worth to a head that reconstructs or forecasts. */
export interface ScoreReport {
  readonly task: 'reconstruct' | 'forecast';
  /** Holds what is distributed: the score of a reconstruction, or the error of a forecast. */
  readonly measure: string;
  /** How it is computed, as `info` has it. */
  readonly facts: object;
  readonly notJudged: number;
  readonly all: ScoreFigures;
  readonly warm: ScoreFigures;
  readonly recordings: readonly RecordingScores[];
}

const shares = [0.5, 0.9, 0.95, 0.99, 0.999];

/** The scores of normal samples and of others. */
class ScoreTally {
  readonly normal = new FloatList();
  readonly abnormal = new FloatList();
}

/** Gathers scores, by whether an alarm is for their samples. */
export class ScoreJudge implements Judge {
  readonly #score: NamedNumber;
  readonly #cold = new ScoreTally();
  readonly #warm = new ScoreTally();
  readonly #recordings: Moments[] = [];
  #notJudged = 0;

  constructor(score: NamedNumber) {
    this.#score = score;
  }

  begin(): void {
    this.#recordings.push(new Moments());
  }

  output(
    rows: Float32Array,
    offset: number,
    isWarm: boolean,
    label: number,
    targets: Targets,
  ): void {
    const score = this.#score.read(rows, offset, targets);
    if (score === undefined) {
      return;
    }
    if (label === noLabel) {
      this.#notJudged += 1;
      return;
    }
    const tally = isWarm ? this.#warm : this.#cold;
    (label === 1 ? tally.abnormal : tally.normal).push(score);
    this.#recordings.at(-1)?.add(score);
  }

  noOutput(): void {}

  /**
   * @param positive the name of what an alarm is for
   * @param falseAlarmRate that the threshold is for
   */
  report(
    task: ScoreReport['task'],
    facts: object,
    positive: string,
    falseAlarmRate: number,
  ): ScoreReport {
    const figures = (tallies: readonly ScoreTally[]): ScoreFigures => {
      const normal = joined(tallies.map((tally) => tally.normal));
      const abnormal = joined(tallies.map((tally) => tally.abnormal));
      // Both are in ascending order from here on.
      const curve = curveOf(positive, abnormal, normal, falseAlarmRate);
      const [ofNormal, ofAbnormal] = histogramsOf([normal, abnormal]);
      return {
        normal: distributionOf(normal, ofNormal),
        abnormal: distributionOf(abnormal, ofAbnormal),
        curve,
      };
    };
    return {
      task,
      measure: this.#score.name,
      facts,
      notJudged: this.#notJudged,
      all: figures([this.#cold, this.#warm]),
      warm: figures([this.#warm]),
      recordings: this.#recordings.map(({ count, mean, max }, recording) => ({
        recording,
        count,
        mean,
        max,
      })),
    };
  }
}

function distributionOf(
  sorted: Float32Array,
  histogram: Histogram = { low: null, high: null, counts: [] },
): ScoreDistribution {
  const moments = new Moments();
  for (const score of sorted) {
    moments.add(score);
  }
  const { count, mean, std, min, max } = moments;
  const quantiles = Object.fromEntries(shares.map((share) => [share, quantile(sorted, share)]));
  return { count, mean, std, min, max, quantiles, histogram };
}
