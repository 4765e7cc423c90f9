import type { Finding } from '../../detection/finding.js';

/** What a model's features were like when it was trained. */
export interface TrainedOn {
  readonly mean: ArrayLike<number>;
  readonly deviation: ArrayLike<number>;
}

/** The usual readings of an axis, in the model's units. */
interface Usual {
  readonly middle: number;
  readonly half: number;
}

/** Deviations by which usual readings may be off: a sensor at rest is not what a model was trained on. */
const mostMisfit = 3;
/** Other axes are named where with them all readings are as near as this. */
const goodMisfit = 1.5;
const mostTurnedAxes = 3;
const otherSize = 4;

/**
 * Says where the readings of a sensor are not as those that a model was trained on, beyond their unit: another size, axes
 * that are swapped or turned, a range that is off.
 *
 * @param factors from each axis' unit to that of the model
 */
export function misfitNotes(
  { axes, ranges }: Pick<Finding, 'axes' | 'ranges'>,
  factors: readonly number[],
  { mean, deviation }: TrainedOn,
): string[] {
  if (mean.length !== axes.length) {
    return [];
  }
  const usual = ranges.map(({ min, max }, axis): Usual => {
    const factor = factors[axis] ?? 1;
    return { middle: (factor * (min + max)) / 2, half: (factor * (max - min)) / 2 };
  });
  const misfits = usual.map((each, axis) => misfit(each, axis, 1, { mean, deviation }));
  if (misfits.every((each) => each <= mostMisfit)) {
    return [];
  }
  const times = sizeOf(usual) / Math.hypot(...Array.from(mean), ...Array.from(deviation));
  if (times > otherSize || times < 1 / otherSize) {
    return [
      `the readings are ${rounded(times)} times as large as those that the model's Normalization layer was adapted to: are sensor.units and model.units right, or was features.scale part of the training?`,
    ];
  }
  const turned = turnedAxes(usual, { mean, deviation });
  if (turned !== undefined) {
    const names = turned.map(({ axis, sign }) => `${sign < 0 ? '-' : ''}${axes[axis]}`).join(', ');
    const isSwapped = turned.every(({ sign }) => sign > 0);
    const wayOut = isSwapped
      ? `--axes ${turned.map(({ axis }) => axes[axis]).join(',')} takes them so`
      : 'features.steps can turn them by a matrix';
    return [
      `the axes seem to be swapped or turned: ${names} would be as those that the model was trained on are; the sensor may be mounted another way, or ${wayOut}`,
    ];
  }
  return axes.flatMap((axis, n) =>
    (misfits[n] ?? 0) > mostMisfit
      ? [
          `${axis} is ${rounded(usual[n]?.middle ?? 0)} about, ${rounded(misfits[n] ?? 0)} deviations from the mean ${rounded(mean[n] ?? 0)} that the model was trained on: is the range of the sensor, its mounting, or its place another?`,
        ]
      : [],
  );
}

/** How far the usual readings are from what a feature should be, in its deviations. */
function misfit({ middle, half }: Usual, feature: number, sign: number, on: TrainedOn): number {
  const distance = Math.abs(sign * middle - (on.mean[feature] ?? 0));
  return Math.max(0, distance - half) / Math.max(on.deviation[feature] ?? 1, 1e-6);
}

function sizeOf(usual: readonly Usual[]): number {
  return Math.hypot(...usual.flatMap(({ middle, half }) => [middle, half / 2]));
}

interface TurnedAxis {
  readonly axis: number;
  readonly sign: number;
}

/** The order and the signs in which three axes or fewer fit, swapped ones before turned ones; undefined where none do. */
function turnedAxes(usual: readonly Usual[], on: TrainedOn): TurnedAxis[] | undefined {
  if (usual.length > mostTurnedAxes) {
    return undefined;
  }
  const orders = permutations(usual.map((_, axis) => axis));
  const signs = Array.from({ length: 2 ** usual.length }, (_, bits) =>
    usual.map((__, n) => ((bits >> n) & 1 ? -1 : 1)),
  );
  for (const sign of signs) {
    for (const order of orders) {
      const worst = order.map((axis, feature) => {
        const each = usual[axis];
        return each === undefined ? Infinity : misfit(each, feature, sign[feature] ?? 1, on);
      });
      if (Math.max(...worst) < goodMisfit) {
        return order.map((axis, feature) => ({ axis, sign: sign[feature] ?? 1 }));
      }
    }
  }
  return undefined;
}

function permutations(items: readonly number[]): number[][] {
  return items.length < 2
    ? [[...items]]
    : items.flatMap((item, n) =>
        permutations(items.toSpliced(n, 1)).map((rest) => rest.toSpliced(0, 0, item)),
      );
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
