import { isObject, type JsonObject } from '../../../base/json.js';
import { mapEntries, respell, type ConfigEntry } from '../keras/normalize-config.js';

/** What TensorFlow.js takes where a configuration does not say it, and Keras 2 would not. */
const recurrent: JsonObject = { recurrent_activation: 'hard_sigmoid' };
const gated: JsonObject = { ...recurrent, reset_after: false };
const defaults: ReadonlyMap<string, JsonObject> = new Map([
  ['LSTM', recurrent],
  ['LSTMCell', recurrent],
  ['GRU', gated],
  ['GRUCell', gated],
]);

/** A TensorFlow.js topology as Keras 2 would have written it: keys in snake_case, defaults spelled out. */
export function kerasConfigOf(topology: unknown): unknown {
  return respell(snakeCased(topology), withDefaults);
}

function withDefaults({ className, config }: ConfigEntry): ConfigEntry {
  return { className, config: { ...defaults.get(className), ...config } };
}

/** Values that name a function or an order of axes are spelled as the keys are: `hardSigmoid`. */
const spelledValue = /(^|_)(activation|data_format)$/;

function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(snakeCased);
  }
  if (!isObject(value)) {
    return value;
  }
  return mapEntries(value, (key, item) => {
    const name = snakeCase(key);
    const isSpelled = typeof item === 'string' && spelledValue.test(name);
    return [name, isSpelled ? snakeCase(item) : snakeCased(item)];
  });
}

function snakeCase(text: string): string {
  return text.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
