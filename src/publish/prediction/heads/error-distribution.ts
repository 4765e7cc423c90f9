import { LstmdError, type OptionFault } from '../../../base/errors.js';
import { readJsonObject } from '../../../base/json-file.js';

/**
 * The errors that are usual, for a Mahalanobis distance: of one step's features, or of all values of a window.
 * With the error e, its distance is `sqrt((e - mean)' inverseCovariance (e - mean))`.
 */
export interface ErrorDistribution {
  readonly mean: Float64Array;
  /** (size, size), row-major, symmetric. */
  readonly inverseCovariance: Float64Array;
  /** The variance of each value by itself: the diagonal of the covariance. */
  readonly variance: Float64Array;
  /** True when e is `|input - output|`; otherwise `input - output`. */
  readonly isAbsolute: boolean;
  /** True when the distance is left squared. */
  readonly isSquared: boolean;
}

/**
 * Reads a distribution: a JSON object with `mean`, a list, and `inverse_covariance`, as many rows of as many
 * numbers; `error` may be `absolute` (default `signed`), and `squared` true.
 *
 * @param at the option that names the file
 * @throws LstmdError `config.invalid` naming the file and the key that does not fit
 */
export async function readErrorDistribution(
  path: string,
  at?: OptionFault['at'],
): Promise<ErrorDistribution> {
  const fail = (what: string, cause?: unknown) =>
    new LstmdError('config.invalid', `${path}: ${what}`, { cause, at });
  const raw = await readJsonObject(path, 'distribution of errors', fail);
  const { mean, inverse_covariance: rows, error = 'signed', squared = false } = raw;
  if (!isNumbers(mean) || mean.length === 0) {
    throw fail('mean: must be a list of numbers');
  }
  const size = mean.length;
  if (!Array.isArray(rows) || rows.length !== size || !rows.every((row) => isNumbers(row, size))) {
    throw fail(`inverse_covariance: must be ${size} rows of ${size} numbers, as mean has ${size}`);
  }
  if (error !== 'signed' && error !== 'absolute') {
    throw fail('error: must be "signed" or "absolute"');
  }
  if (typeof squared !== 'boolean') {
    throw fail('squared: must be true or false');
  }
  const inverseCovariance = Float64Array.from(rows.flat());
  const factor = choleskyFactor(inverseCovariance, size);
  if (factor === undefined) {
    throw fail(
      'inverse_covariance: must be symmetric and positive definite; is it the covariance of errors that depend on each other?',
    );
  }
  return {
    mean: Float64Array.from(mean),
    inverseCovariance,
    variance: inverseDiagonal(factor, size),
    isAbsolute: error === 'absolute',
    isSquared: squared,
  };
}

function isNumbers(value: unknown, length?: number): value is number[] {
  return (
    Array.isArray(value) &&
    (length === undefined || value.length === length) &&
    value.every((each) => typeof each === 'number' && Number.isFinite(each))
  );
}

/**
 * Returns the Cholesky factor of a symmetric matrix, (size, size) and lower; undefined where it has none, and a distance by
 * the matrix may be the root of a negative.
 */
function choleskyFactor(matrix: Float64Array, size: number): Float64Array | undefined {
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      const value = matrix[row * size + column] ?? 0;
      const mirrored = matrix[column * size + row] ?? 0;
      if (Math.abs(value - mirrored) > 1e-6 * Math.max(Math.abs(value), Math.abs(mirrored))) {
        return undefined;
      }
      let sum = value;
      for (let k = 0; k < column; k += 1) {
        sum -= (factor[row * size + k] ?? 0) * (factor[column * size + k] ?? 0);
      }
      if (row === column) {
        if (!(sum > 0)) {
          return undefined;
        }
        factor[row * size + row] = Math.sqrt(sum);
      } else {
        factor[row * size + column] = sum / (factor[column * size + column] ?? 1);
      }
    }
  }
  return factor;
}

/** Returns the diagonal of the inverse of the matrix that has this Cholesky factor. */
function inverseDiagonal(factor: Float64Array, size: number): Float64Array {
  const diagonal = new Float64Array(size);
  const column = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    // Column i of the factor's inverse, of which the sum of squares stands on the diagonal.
    for (let row = i; row < size; row += 1) {
      let sum = row === i ? 1 : 0;
      for (let k = i; k < row; k += 1) {
        sum -= (factor[row * size + k] ?? 0) * (column[k] ?? 0);
      }
      const value = sum / (factor[row * size + row] ?? 1);
      column[row] = value;
      diagonal[i] = (diagonal[i] ?? 0) + value * value;
    }
  }
  return diagonal;
}
