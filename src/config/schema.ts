import { hostname } from 'node:os';
import { z } from 'zod';

/** The one place of every option, its default and what it means; the JSON Schema is made from it. */

const name = z
  .string()
  .min(1)
  .regex(/^[^+#/\0]+$/, 'must not hold +, # or /: it becomes part of an MQTT topic');
const positive = z.number().positive();
const seconds = z.number().nonnegative();
const perAxis = z.array(z.number()).min(1);
const path = z.string().min(1);

const sensor = z.strictObject({
  link: path.describe('The tty, best /dev/serial/by-id/...; it may appear later'),
  baudRate: z.int().positive().default(115200),
  decoder: z.enum(['csv']).default('csv').describe('What the bytes mean'),
  rateHz: positive.describe('Nominal samples a second'),
  axes: z
    .array(name)
    .min(1)
    .default(['x', 'y', 'z'])
    .describe('Names of the values of a sample, matched to the header row where there is one'),
  columns: z
    .array(z.int().nonnegative())
    .optional()
    .describe('Field of each axis, from 0; without it a row holds just the axes'),
  silenceMs: positive
    .optional()
    .describe('Reopen the port after this long without a byte; default 2000 or 20 periods'),
});

const features = z
  .strictObject({
    scale: z.union([z.number(), perAxis]).default(1).describe('Raw reading times this ...'),
    mean: z.union([z.number(), perAxis]).default(0).describe('... minus this ...'),
    std: z
      .union([positive, z.array(positive).min(1)])
      .default(1)
      .describe('... over this'),
    min: z.number().optional().describe('Raw readings below are refused and counted'),
    max: z.number().optional().describe('Raw readings above are refused and counted'),
  })
  .prefault({});

const model = z.strictObject({
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
    label: name,
    on: z.number().min(0).max(1),
    off: z.number().min(0).max(1),
  })
  .refine((value) => value.off <= value.on, { message: '`off` must not be above `on`' });

const publish = z
  .strictObject({
    every: z.int().positive().default(1).describe('Publish every n-th prediction'),
    events: z.array(event).default([]).describe('On and off with hysteresis'),
  })
  .prefault({});

export const streamSchema = z.strictObject({ sensor, features, model, state, publish });

const mebibyte = 1024 * 1024;

const outbox = z
  .strictObject({
    maxBytes: z
      .int()
      .min(mebibyte)
      .default(128 * mebibyte)
      .describe('Bound of what waits on disk'),
    maxAgeSeconds: positive.default(86_400).describe('What waited longer is dropped'),
    policy: z
      .enum(['drop-oldest', 'keep-events'])
      .default('drop-oldest')
      .describe(
        'Over a bound in bytes: the oldest goes, or the oldest prediction before any event',
      ),
    memoryBytes: z
      .int()
      .min(64 * 1024)
      .default(8 * mebibyte)
      .describe('Bound of what waits in memory; over half of it all goes to disk'),
    diskAfterSeconds: positive
      .default(10)
      .describe('Once the oldest waited so long in memory all goes to disk: what a kill may cost'),
    historyPerSecond: positive
      .default(200)
      .describe('Records from disk delivered a second, and only while no new one waits'),
    diskBytesPerDay: z
      .int()
      .min(16 * mebibyte)
      .default(2048 * mebibyte)
      .describe("Budget of writes, for the flash's sake; beyond it records stay in memory"),
  })
  .prefault({})
  .describe('What waits for the broker: in memory, then on disk; what is dropped is counted');

const mqtt = z.strictObject({
  url: z
    .string()
    .regex(/^mqtts?:\/\/[^/\s]+$/, 'must be mqtt://host[:port] or mqtts://host[:port]')
    .refine((url) => !url.includes('@'), {
      message: 'must hold no credentials: use username and passwordFile',
    }),
  username: z.string().min(1).optional(),
  passwordFile: path
    .optional()
    .describe('Default: mqtt-password in $CREDENTIALS_DIRECTORY, where systemd put it'),
  ca: path.optional().describe('PEM file of the authority that signed the broker'),
  cert: path.optional().describe('PEM file of the client certificate'),
  key: path.optional().describe('PEM file of its key'),
  prefix: z
    .string()
    .regex(/^[^+#\0]+$/, 'must not hold + or #')
    .default('lstmd'),
  clientId: z.string().min(1).max(65535).optional().describe('Default: lstmd-<device>'),
  protocol: z
    .enum(['5', '3.1.1'])
    .default('5')
    .describe('5 falls back where the broker has only 3.1.1'),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(1),
  keepaliveSeconds: z.int().positive().max(65535).default(30),
  outbox,
});

export const configSchema = z
  .strictObject({
    device: name.default(() => hostname()).describe('Default: the host name'),
    stateDirectory: path
      .default(() => process.env['STATE_DIRECTORY'] ?? './state')
      .describe('Default: $STATE_DIRECTORY, else ./state'),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
        format: z
          .enum(['auto', 'json', 'pretty'])
          .default('auto')
          .describe('auto: pretty on a terminal'),
      })
      .prefault({}),
    healthSeconds: positive.default(60).describe('Publish health this often'),
    mqtt,
    streams: z
      .record(
        name.refine((stream) => !['cmd', 'boot', 'outbox', '.', '..'].includes(stream), {
          message:
            'is taken: cmd is a topic, boot and outbox are in stateDirectory, . and .. are folders',
        }),
        streamSchema,
      )
      .refine((streams) => Object.keys(streams).length > 0, { message: 'must name a stream' }),
  })
  .describe('Configuration of lstmd');

export type Config = z.output<typeof configSchema>;
export type StreamConfig = z.output<typeof streamSchema>;
export type MqttConfig = z.output<typeof mqtt>;
export type SensorConfig = z.output<typeof sensor>;

/** JSON Schema (draft 2020-12) of a configuration file, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // These defaults belong to the machine that runs, not to the one that wrote the schema.
      const { device, stateDirectory } = configSchema.shape;
      if (zodSchema === device || zodSchema === stateDirectory) {
        delete jsonSchema.default;
      }
    },
  });
}
