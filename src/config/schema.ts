import { hostname } from 'node:os';
import {
  name,
  path,
  positive,
  schemeOf,
  units,
  z,
  type DecoderOptions,
  type LinkOptions,
} from './option-types.js';
import { withDeclaredUnits } from './declared-units.js';
import { featureStep } from './feature-steps.js';
import { withLinks } from './link-faults.js';
import { withOptionsElsewhere } from './options-elsewhere.js';

/**
 * The options of a configuration, with their defaults and descriptions; the JSON Schema is made
 * from them. Decoders, links and publishers declare their own options in their own files, and the
 * program hands them over where it is put together.
 */

const seconds = z.number().nonnegative();
const perAxis = z.array(z.number()).min(1);

/** The options of a sensor that do not depend on its link or decoder. */
export const sensorOptions = {
  link: path.describe(
    'A tty, best /dev/serial/by-id/..., a named pipe, tcp://host:port, rfc2217://host:port, mqtt://host:port/topic, stdin:// or recording:FILE; it may appear later',
  ),
  rateHz: positive.describe('Nominal samples a second'),
  axes: z
    .array(name)
    .min(1)
    .refine((axes) => new Set(axes).size === axes.length, {
      message: 'must not name an axis twice',
    })
    .default(['x', 'y', 'z'])
    .describe('Names of the values of a sample, matched to the header row where there is one'),
  units: units
    .optional()
    .describe(
      'Units of the readings, one for all axes or one for each: m/s2, g, mg, rad/s, deg/s, deg, raw, or counts as g/16384; where the decoder knows them, none is needed',
    ),
  fill: z
    .strictObject({
      by: z
        .enum(['hold', 'interpolate'])
        .describe(
          'hold: the sample before the gap; interpolate: a straight line to the one after it',
        ),
      upToMs: positive.describe(
        'A longer gap is not filled: state.onGap says what becomes of the state',
      ),
    })
    .optional()
    .describe('Makes up samples in short gaps, one a period; default: none is made up'),
  resample: z
    .strictObject({ rateHz: positive.describe('Samples a second that the model was trained on') })
    .optional()
    .describe(
      'Takes samples at another rate, on the straight line between two; to fewer with an anti-alias filter',
    ),
};

export const features = z
  .strictObject({
    scale: z
      .union([z.number(), perAxis])
      .default(1)
      .describe('Reading, in model.units where both units are known, times this ...'),
    steps: z
      .array(featureStep)
      .default([])
      .describe('... then these steps, what the training did and in its order ...'),
    mean: z.union([z.number(), perAxis]).default(0).describe('... minus this ...'),
    std: z
      .union([positive, z.array(positive).min(1)])
      .default(1)
      .describe('... over this'),
    min: z.number().optional().describe('Raw readings below are refused and counted'),
    max: z.number().optional().describe('Raw readings above are refused and counted'),
  })
  .superRefine(({ min, max }, context) => {
    if (min !== undefined && max !== undefined && min > max) {
      const message = `must not be above max (${max}): every reading would be refused`;
      context.addIssue({ code: 'custom', path: ['min'], message });
    }
  })
  .prefault({});

const finite = z.number().min(-1e200).max(1e200);

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
  .superRefine(({ metric, over, distribution }, context) => {
    const fault = (at: string, message: string) =>
      context.addIssue({ code: 'custom', path: [at], message });
    if (metric === 'mahalanobis' && distribution === undefined) {
      fault('distribution', 'is needed for mahalanobis: a file with mean and inverse_covariance');
    }
    if (metric !== 'mahalanobis' && distribution !== undefined) {
      fault('distribution', `is for metric mahalanobis, not ${metric}`);
    }
    if (metric === 'mahalanobis' && over === 'feature') {
      fault('over', 'must be all or last: a Mahalanobis distance is of all features together');
    }
  });

const valueUnits = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional();

/** What is said of each head of a model, or of all at once. */
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

export const model = z
  .strictObject({
    file: path.describe('.keras or .h5, as Keras wrote it'),
    mode: z
      .enum(['continuous', 'sequence', 'sliding'])
      .describe('`lstmd inspect MODEL` tells which are exact for a model and what each costs'),
    stride: z.int().positive().default(1).describe('Samples between answers, in sliding'),
    window: z.int().positive().optional().describe('Steps, where the model takes any number'),
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
      .enum(['f32', 'bf16', 'int8'])
      .default('f32')
      .describe(
        'How large matrices are kept: bf16 and int8 are faster from 128 units up, and cost accuracy, which `lstmd verify --weights` measures',
      ),
    verify: path.optional().describe('case.json: run only if it is reproduced, see lstmd verify'),
    warmupSamples: z.int().positive().optional().describe('Outputs before are marked not warm'),
    units: units
      .optional()
      .describe(
        'Units that the model was trained on, to which readings are converted; see sensor.units',
      ),
  })
  .superRefine(({ mode, stride }, context) => {
    if (stride !== 1 && mode !== 'sliding') {
      const message = `only means something in mode sliding, not in ${mode}`;
      context.addIssue({ code: 'custom', path: ['stride'], message });
    }
  });

const state = z
  .strictObject({
    checkpointSeconds: positive.default(30).describe('Save the state this often while it changes'),
    maxAgeSeconds: seconds.default(600).describe('An older state is not resumed'),
    onGap: z
      .strictObject({
        maxMs: positive.default(1000),
        then: z.enum(['reset', 'keep']).default('reset'),
      })
      .prefault({})
      .describe('What becomes of the state when no sample came for longer than maxMs'),
  })
  .prefault({});

const event = z
  .strictObject({
    label: name.optional().describe('The label whose probability is watched'),
    event: name.optional().describe('Name of an event of a value, a score or an error'),
    head: z.string().min(1).optional().describe('The head, where several have such a number'),
    value: name.optional().describe('The value, of a model with several'),
    feature: name
      .optional()
      .describe("The feature whose own error is watched; default: the window's score"),
    on: finite.describe('On from here'),
    off: finite.describe(
      'Off from here: not beyond `on`, so that noise between them changes nothing',
    ),
    when: z.enum(['above', 'below']).optional().describe('Default: below where on is below off'),
    minMs: z.number().nonnegative().default(0).describe('A change counts once it has held so long'),
    origin: z.string().min(1).optional().describe('Where the thresholds are from: goes to `info`'),
  })
  .superRefine((rule, context) => {
    const fault = (at: string, message: string) =>
      context.addIssue({ code: 'custom', path: [at], message });
    const { label, on, off, when } = rule;
    if ((label === undefined) === (rule.event === undefined)) {
      context.addIssue({
        code: 'custom',
        path: [],
        message: 'must have either `label`, of a probability, or `event`, of any other number',
      });
      return;
    }
    if (label !== undefined) {
      for (const [key, value] of Object.entries({ on, off })) {
        if (value < 0 || value > 1) {
          fault(key, `is a probability, from 0 to 1, not ${value}`);
        }
      }
      for (const key of ['value', 'feature'] as const) {
        if (rule[key] !== undefined) {
          fault(key, 'is of an `event`, not of a `label`');
        }
      }
    }
    // Of a label it was always `above`: the other way round it is most often a slip.
    const direction = when ?? (label === undefined && on < off ? 'below' : 'above');
    if (direction === 'above' ? off > on : off < on) {
      const message =
        direction === 'above' ? '`off` must not be above `on`' : '`off` must not be below `on`';
      context.addIssue({ code: 'custom', path: [], message });
    }
  });

export const publish = z
  .strictObject({
    every: z.int().positive().default(1).describe('Publish every n-th prediction'),
    events: z.array(event).default([]).describe('On and off with hysteresis'),
    steps: z
      .boolean()
      .default(false)
      .describe('Publish all steps of outputs with a time axis (sliding), not the last alone'),
    nowSeconds: z
      .number()
      .nonnegative()
      .default(1)
      .describe(
        'Publish the last prediction and the state of the events, retained, at most this often; 0: not at all',
      ),
  })
  .prefault({});

const device = name.default(() => hostname()).describe('Default: the host name');

const stateDirectory = path
  .default(() => process.env['STATE_DIRECTORY'] ?? './state')
  .describe('Default: $STATE_DIRECTORY, else state beside the configuration');

const log = z
  .strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    format: z
      .enum(['auto', 'json', 'pretty'])
      .default('auto')
      .describe('auto: pretty on a terminal'),
  })
  .prefault({});

const streamName = name.refine(
  (stream) => !['cmd', 'boot', 'outbox', '.lock', '.', '..'].includes(stream),
  {
    message:
      'is taken: cmd is a topic, boot and outbox are in stateDirectory, . and .. are folders',
  },
);

/** The `sensor` section as far as it is known here: without the options of its link and decoder. */
export interface SensorSection {
  readonly link: string;
  readonly decoder: string;
  readonly rateHz: number;
  readonly axes: readonly string[];
  readonly units?: string | readonly string[] | undefined;
}

/** The parts of the schema that other rooms declare. */
export interface SchemaParts<Publishers extends z.ZodRawShape> {
  /** The kinds of links; the options of all of them stand side by side in the `sensor` section. */
  readonly links: readonly LinkOptions[];
  /** The decoders, of which `sensor.decoder` names one; the first is the default. */
  readonly decoders: readonly DecoderOptions<SensorSection>[];
  /** The section of each publisher, by its name. */
  readonly publishers: Publishers;
}

/** The schema of a whole configuration. */
export function createConfigSchema<Publishers extends z.ZodRawShape>({
  links,
  decoders,
  publishers,
}: SchemaParts<Publishers>) {
  const [first, ...others] = decoders.map((decoder) => sensorSection(links, decoders, decoder));
  if (first === undefined) {
    throw new Error('a configuration needs at least one decoder to name');
  }
  const sensor = z.discriminatedUnion('decoder', [first, ...others], {
    error: ({ code }) =>
      code === 'invalid_union'
        ? `must be one of ${decoders.map((each) => `"${each.name}"`).join(', ')}`
        : undefined,
  });
  const stream = z.strictObject({ sensor, features, model, state, publish });
  return z
    .strictObject({
      device,
      stateDirectory,
      log,
      healthSeconds: positive.default(60).describe('Publish health this often'),
      ...publishers,
      streams: z
        .record(streamName, stream)
        .refine((streams) => Object.keys(streams).length > 0, { message: 'must name a stream' }),
    })
    .describe('Configuration of lstmd');
}

type SensorShape = {
  readonly link: typeof sensorOptions.link;
  readonly decoder: z.ZodLiteral<string> | z.ZodDefault<z.ZodLiteral<string>>;
  readonly rateHz: typeof sensorOptions.rateHz;
  readonly axes: typeof sensorOptions.axes;
  readonly units: typeof sensorOptions.units;
  readonly fill: typeof sensorOptions.fill;
  readonly resample: typeof sensorOptions.resample;
};

/** The `sensor` section with one decoder: common options, those of the links and of the decoder. */
function sensorSection(
  links: readonly LinkOptions[],
  decoders: readonly DecoderOptions<SensorSection>[],
  decoder: DecoderOptions<SensorSection>,
) {
  const literal = z.literal(decoder.name);
  const isDefault = decoder === decoders[0];
  const shape: SensorShape = {
    ...sensorOptions,
    ...Object.fromEntries(links.flatMap(({ options }) => Object.entries(options))),
    decoder: (isDefault ? literal.default(decoder.name) : literal).describe('What the bytes mean'),
    ...decoder.options,
  };
  const section = z.strictObject(shape).superRefine((options, context) => {
    const scheme = schemeOf(options.link);
    const link = links.find(({ schemes }) => schemes.includes(scheme));
    const linkFault =
      link === undefined
        ? `${scheme}:// is not a link; there are: ${links.map((each) => each.name).join(', ')}`
        : link.fault?.(options.link, options);
    if (linkFault !== undefined) {
      context.addIssue({ code: 'custom', path: ['link'], message: linkFault });
    }
    for (const { path: at, message } of decoder.faults(options)) {
      context.addIssue({ code: 'custom', path: [...at], message });
    }
  });
  const elsewhere = decoders
    .filter((other) => other !== decoder)
    .flatMap(({ name: owner, options }) =>
      Object.keys(options).map(
        (option) => [option, `is an option of ${owner}, not of ${decoder.name}`] as const,
      ),
    );
  withLinks(section, links);
  withDeclaredUnits(section, (raw) => {
    const { data } = section.safeParse(raw);
    return data === undefined ? undefined : decoder.units?.(data);
  });
  return withOptionsElsewhere(section, new Map(elsewhere));
}

/** JSON Schema (draft 2020-12) of a configuration file, for editors. */
export function jsonSchemaOf(schema: z.ZodType): object {
  return z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // These defaults belong to the machine that runs, not to the one that wrote the schema.
      if (zodSchema === device || zodSchema === stateDirectory) {
        delete jsonSchema.default;
      }
    },
  });
}
