import { isObject } from '../../../base/json.js';
import { snakeCase } from '../../../base/snake-case.js';

/** Short names that Keras takes for losses. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['mse', 'mean_squared_error'],
  ['mae', 'mean_absolute_error'],
  ['mape', 'mean_absolute_percentage_error'],
  ['msle', 'mean_squared_logarithmic_error'],
  ['bce', 'binary_crossentropy'],
  ['logcosh', 'log_cosh'],
  ['kld', 'kl_divergence'],
]);

/**
 * The losses that a model was compiled with, by their names, for its outputs in order: one for all, a list, or a dict
 * by the names of the outputs. Null where it has none, or one of the user's own.
 *
 * @param names of the model's outputs
 */
export function lossesOf(loss: unknown, names: readonly string[]): (string | null)[] {
  if (Array.isArray(loss)) {
    const list: readonly unknown[] = loss;
    return names.map((_, i) => (list.length === names.length ? nameOf(list[i]) : null));
  }
  const isOne =
    typeof loss === 'string' || (isObject(loss) && typeof loss['class_name'] === 'string');
  return names.map((name) => nameOf(isOne || !isObject(loss) ? loss : loss[name]));
}

/** A name as `mse` or `MeanSquaredError`, or a loss as Keras writes it: `{ class_name, config }`. */
function nameOf(loss: unknown): string | null {
  const written = isObject(loss) ? loss['class_name'] : loss;
  // A function of Keras is written as `{ class_name: 'function', config: name }`.
  const name = written === 'function' && isObject(loss) ? loss['config'] : written;
  if (typeof name !== 'string') {
    return null;
  }
  const snake = snakeCase(name);
  return aliases.get(snake) ?? snake;
}
