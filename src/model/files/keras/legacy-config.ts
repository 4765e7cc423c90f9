import type { JsonObject } from '../../../base/json.js';
import { renamed, respell, type ConfigEntry } from './normalize-config.js';
import { LstmdError } from '../../../base/errors.js';

/** TensorFlow 1.13 to 2.0 betas wrote these (tfjs-converter, `_CLASS_NAME_MAP`). */
const aliases: ReadonlyMap<string, string> = new Map([
  ['UnifiedLSTM', 'LSTM'],
  ['UnifiedGRU', 'GRU'],
  ['BatchNormalizationV1', 'BatchNormalization'],
  ['BatchNormalizationV2', 'BatchNormalization'],
]);

/** A configuration of any Keras 2, in the spelling of its last version. */
export function keras2Config(architecture: unknown): unknown {
  return respell(architecture, ({ className: written, config }) => {
    const className = aliases.get(written) ?? written;
    // GRU had no such option before 2.1.
    const isOldGru = className === 'GRU' && !('reset_after' in config);
    return { className, config: isOldGru ? { ...config, reset_after: false } : config };
  });
}

/** A configuration of Keras 1 as Keras 2 spells it (keras 2.2, `legacy/interfaces.py`). */
export function keras1Config(architecture: unknown): unknown {
  return respell(architecture, (entry) => {
    const className = classes.get(entry.className) ?? entry.className;
    const config = renamed(withoutEffect(entry.config), namesOf(className));
    switch (className) {
      case 'GRU':
        return { className, config: { ...config, reset_after: false } };
      case 'Merge':
        return merge(config);
      case 'BatchNormalization':
        return batchNormalization(config);
      default:
        return { className, config };
    }
  });
}

const classes: ReadonlyMap<string, string> = new Map([
  ['Convolution1D', 'Conv1D'],
  ['AtrousConvolution1D', 'Conv1D'],
  ['TimeDistributedDense', 'Dense'],
]);

const names: ReadonlyMap<string, string> = new Map([
  ['output_dim', 'units'],
  ['bias', 'use_bias'],
  ['p', 'rate'],
  ['sigma', 'stddev'],
  ['init', 'kernel_initializer'],
  ['inner_init', 'recurrent_initializer'],
  ['inner_activation', 'recurrent_activation'],
  ['W_regularizer', 'kernel_regularizer'],
  ['U_regularizer', 'recurrent_regularizer'],
  ['b_regularizer', 'bias_regularizer'],
  ['W_constraint', 'kernel_constraint'],
  ['b_constraint', 'bias_constraint'],
  ['gamma_init', 'gamma_initializer'],
  ['beta_init', 'beta_initializer'],
  ['dropout_W', 'dropout'],
  ['dropout_U', 'recurrent_dropout'],
  ['nb_filter', 'filters'],
  ['filter_length', 'kernel_size'],
  ['subsample_length', 'strides'],
  ['atrous_rate', 'dilation_rate'],
  ['border_mode', 'padding'],
  ['pool_length', 'pool_size'],
  ['stride', 'strides'],
  ['input_dtype', 'dtype'],
]);
/** An Embedding has an `output_dim` in Keras 2 as well. */
const namesOfEmbedding = new Map([...names].filter(([name]) => name !== 'output_dim'));

function namesOf(className: string): ReadonlyMap<string, string> {
  return className === 'Embedding' ? namesOfEmbedding : names;
}

/** How the computation was arranged, and where the training began. */
function withoutEffect(config: JsonObject): JsonObject {
  const { consume_less: _, forget_bias_init: __, ...rest } = config;
  return rest;
}

const merges: ReadonlyMap<unknown, string> = new Map([
  ['sum', 'Add'],
  ['mul', 'Multiply'],
  ['ave', 'Average'],
  ['max', 'Maximum'],
  ['concat', 'Concatenate'],
]);

function merge({ name, mode, concat_axis: axis }: JsonObject): ConfigEntry {
  const className = merges.get(mode);
  if (className === undefined) {
    throw refused('Merge', name, `mode ${JSON.stringify(mode)}`);
  }
  return { className, config: className === 'Concatenate' ? { name, axis } : { name } };
}

/** Modes 1 and 2 normalise by the statistics of the sample or of the batch at hand. */
function batchNormalization({ mode, ...config }: JsonObject): ConfigEntry {
  if (mode !== undefined && mode !== 0) {
    throw refused('BatchNormalization', config['name'], `mode ${JSON.stringify(mode)}`);
  }
  return { className: 'BatchNormalization', config };
}

function refused(className: string, name: unknown, what: string): LstmdError {
  return new LstmdError(
    'model.refused',
    `layer "${String(name)}" (${className}): ${what} of Keras 1 is not supported`,
  );
}
