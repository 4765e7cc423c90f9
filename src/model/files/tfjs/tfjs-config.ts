import { isObject, type JsonObject } from '../../../base/json.js';
import { currentClassName } from '../keras/class-names.js';
import { mapEntries, normalizeConfig, type ConfigEntry } from '../keras/normalize-config.js';

/** Options that TensorFlow.js leaves out where they have its default, which is not that of Keras 2. */
const recurrent: JsonObject = { recurrent_activation: 'hard_sigmoid' };
const gated: JsonObject = { ...recurrent, reset_after: false };
const defaults: ReadonlyMap<string, JsonObject> = new Map([
  ['LSTM', recurrent],
  ['LSTMCell', recurrent],
  ['GRU', gated],
  ['GRUCell', gated],
]);

/** A TensorFlow.js topology as Keras 2 would have written it: keys in snake_case, and no defaults left out. */
export function kerasConfigOf(topology: unknown): unknown {
  return normalizeConfig(snakeCased(topology), withDefaults);
}

function withDefaults({ className: written, config }: ConfigEntry): ConfigEntry {
  const className = currentClassName(written);
  return { className, config: { ...defaults.get(className), ...config } };
}

/** Options whose values are in camel case as the keys are: they name a function or an order of axes. */
const camelCaseValue = /(^|_)(activation|data_format)$/;

function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(snakeCased);
  }
  if (!isObject(value)) {
    return value;
  }
  return mapEntries(value, (key, item) => {
    const name = snakeCase(key);
    const isCamelCase = typeof item === 'string' && camelCaseValue.test(name);
    return [name, isCamelCase ? snakeCase(item) : snakeCased(item)];
  });
}

function snakeCase(text: string): string {
  return text.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
