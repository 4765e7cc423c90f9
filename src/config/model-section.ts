import { finite, name, path, positive, units, z } from './option-types.js';

const score = z
  .strictObject({
    metric: z
      .enum(['mae', 'mse', 'mahalanobis'])
      .default('mae')
      .describe(
        'Mean absolute or mean squared error, or the mean Mahalanobis distance of the steps',
      ),
    over: z
      .enum(['all', 'last', 'feature'])
      .optional()
      .describe(
        'All steps of the window, the last one, or the largest of the features over all steps; default all in sliding, else last',
      ),
    distribution: path
      .optional()
      .describe('JSON with mean and inverse_covariance of the errors, for mahalanobis'),
  })
  .superRefine(({ metric, distribution }, context) => {
    const fault = (at: string, message: string) =>
      context.addIssue({ code: 'custom', path: [at], message });
    if (metric === 'mahalanobis' && distribution === undefined) {
      fault('distribution', 'is needed for mahalanobis: a file with mean and inverse_covariance');
    }
    if (metric !== 'mahalanobis' && distribution !== undefined) {
      fault('distribution', `is for metric mahalanobis, not ${metric}`);
    }
  });

const valueUnits = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional();

/** The options of each head of a model, or of all at once. */
const headOptions = {
  task: z
    .enum(['classify', 'regress', 'reconstruct', 'forecast'])
    .optional()
    .describe('What is published; default: found from the model, as `lstmd inspect` says'),
  scale: z
    .union([finite, z.array(finite).min(1)])
    .optional()
    .describe("Published value = the model's number times this ..."),
  offset: z
    .union([finite, z.array(finite).min(1)])
    .optional()
    .describe('... plus this; one for all, or one an output'),
  horizon: z
    .int()
    .positive()
    .optional()
    .describe('Steps of a forecast, where the model does not tell'),
  lead: z
    .int()
    .positive()
    .optional()
    .describe('Samples from the newest to the first that is forecast; default 1, the next'),
  score: score
    .optional()
    .describe('How a reconstruction is scored; the metric of a forecast: mae or mse'),
};

const head = z.strictObject({
  labels: z.array(name).min(1).optional().describe('One name an output of this head'),
  units: valueUnits.describe('Of the values as they are published: one for all, or one an output'),
  ...headOptions,
});

const drift = z
  .strictObject({
    reference: path
      .optional()
      .describe('reference.json of `lstmd evaluate --reference-out`, for this model'),
    windowSeconds: positive.default(600).describe('Compare so much at a time'),
    stabilityIndex: positive
      .default(0.25)
      .describe('A population stability index above this is a drift'),
    outOfRange: positive
      .max(1)
      .default(0.05)
      .describe('A larger share outside of the reference is a drift'),
    windows: z
      .int()
      .positive()
      .default(3)
      .describe('So many windows one after the other make an event'),
  })
  .prefault({});

/** The `model` section of a stream: the model file, and what its outputs are for. */
export const model = z
  .strictObject({
    file: path.describe('.keras or .h5, as Keras wrote it, a folder of TensorFlow.js, or .onnx'),
    mode: z
      .enum(['continuous', 'sequence', 'sliding'])
      .describe('`lstmd inspect MODEL` tells which are exact for a model and what each costs'),
    stride: z.int().positive().default(1).describe('Samples between answers, in sliding'),
    window: z.int().positive().optional().describe('Steps, where the model takes any number'),
    inputs: z
      .record(z.string().min(1), z.array(name).min(1))
      .optional()
      .describe('For each input of a model that has several: the features that flow into it'),
    constants: z
      .record(z.string().min(1), z.union([finite, z.array(finite).min(1)]))
      .optional()
      .describe("Numbers of inputs without a time axis, such as a machine's id"),
    axes: z
      .array(z.enum(['batch', 'time', 'features']).or(z.literal(1)))
      .min(1)
      .refine((axes) => new Set(axes).size === axes.length, 'each axis stands once')
      .refine(
        (axes) => axes.includes('time') || axes.includes('features'),
        'time or features is among them',
      )
      .optional()
      .describe(
        'The axes of the input of an ONNX model, in order, where nothing in the file tells: [batch, time, features]',
      ),
    labels: z
      .array(name)
      .min(1)
      .optional()
      .describe('One name an output; for one output [positive] or [negative, positive]'),
    ...headOptions,
    valueUnits: valueUnits.describe('Of the values as they are published; of one head `units`'),
    heads: z
      .record(z.string().min(1), head)
      .optional()
      .describe('For each output of the model by its name: what is not as it is for all'),
    engine: z
      .enum(['auto', 'native', 'reference', 'tfjs'])
      .default('auto')
      .describe(
        'auto: native, or reference where no addon loads; tfjs needs TensorFlow.js installed',
      ),
    weights: z
      .enum(['f32', 'bf16', 'int8', 'auto'])
      .default('f32')
      .describe(
        'How large matrices are kept: bf16 and int8 are faster where f32 does not fit the level-2 cache, and cost accuracy, which `lstmd verify --weights` measures; auto: the fastest that reproduces the case of `verify`',
      ),
    verify: path.optional().describe('case.json: run only if it is reproduced, see lstmd verify'),
    warmupSamples: z.int().positive().optional().describe('Outputs before are marked not warm'),
    drift: drift.describe(
      'Whether features and outputs are still as expected; see docs/monitoring.md',
    ),
    units: units
      .optional()
      .describe(
        'Units that the model was trained on, to which readings are converted; see sensor.units',
      ),
  })
  .superRefine(({ mode, stride, weights, verify }, context) => {
    if (weights === 'auto' && verify === undefined) {
      const message = 'auto needs model.verify, a case that says how much accuracy may be lost';
      context.addIssue({ code: 'custom', path: ['weights'], message });
    }
    if (stride !== 1 && mode !== 'sliding') {
      const message = `only means something in mode sliding, not in ${mode}`;
      context.addIssue({ code: 'custom', path: ['stride'], message });
    }
  })
  .describe('The model file, how it is run, and what its outputs are for');
