import type { JsonObject } from '../../../base/json.js';
import { renameOptions, normalizeConfig, type ConfigEntry } from './normalize-config.js';
import { LstmdError } from '../../../base/errors.js';
import { currentClassName } from './class-names.js';

/** A configuration of any Keras 2 as its last version writes it. */
export function keras2Config(architecture: unknown): unknown {
  return normalizeConfig(architecture, ({ className: written, config }) => {
    const className = currentClassName(written);
    // Before 2.1 a GRU had no such option; without it, it is off.
    const isOldGru = className === 'GRU' && !('reset_after' in config);
    return { className, config: isOldGru ? { ...config, reset_after: false } : config };
  });
}

/** A configuration of Keras 1 as Keras 2 writes it (keras 2.2, `legacy/interfaces.py`). */
export function keras1Config(architecture: unknown): unknown {
  return normalizeConfig(architecture, (entry) => {
    const className = keras1Classes.get(entry.className) ?? currentClassName(entry.className);
    const config = renameOptions(dropIneffectiveOptions(entry.config), optionNamesOf(className));
    switch (className) {
      case 'GRU':
        return { className, config: { ...config, reset_after: false } };
      case 'Merge':
        return convertMerge(config);
      case 'BatchNormalization':
        return convertBatchNormalization(config);
      default:
        return { className, config };
    }
  });
}

/** Classes that Keras 2 no longer has; their options are renamed as well. */
const keras1Classes: ReadonlyMap<string, string> = new Map([
  ['AtrousConvolution1D', 'Conv1D'],
  ['TimeDistributedDense', 'Dense'],
]);

/** Keras 2's name of each option that Keras 1 named otherwise. */
const optionNames: ReadonlyMap<string, string> = new Map([
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
/** An Embedding still has an `output_dim` in Keras 2. */
const embeddingOptionNames = new Map([...optionNames].filter(([name]) => name !== 'output_dim'));

function optionNamesOf(className: string): ReadonlyMap<string, string> {
  return className === 'Embedding' ? embeddingOptionNames : optionNames;
}

/** Drops options of how the computation was arranged and where the training began. */
function dropIneffectiveOptions(config: JsonObject): JsonObject {
  const { consume_less: _, forget_bias_init: __, ...rest } = config;
  return rest;
}

/** The class of Keras 2 for each `mode` of a Merge. */
const mergeClasses: ReadonlyMap<unknown, string> = new Map([
  ['sum', 'Add'],
  ['mul', 'Multiply'],
  ['ave', 'Average'],
  ['max', 'Maximum'],
  ['concat', 'Concatenate'],
]);

function convertMerge({ name, mode, concat_axis: axis }: JsonObject): ConfigEntry {
  const className = mergeClasses.get(mode);
  if (className === undefined) {
    throw refused('Merge', name, `mode ${JSON.stringify(mode)}`);
  }
  return { className, config: className === 'Concatenate' ? { name, axis } : { name } };
}

/** Modes 1 and 2 normalise by the statistics of the sample or of the batch, which a stream does not have. */
function convertBatchNormalization({ mode, ...config }: JsonObject): ConfigEntry {
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
