import { hostname } from 'node:os';
import { commands } from './commands-section.js';
import { features } from './features-section.js';
import { model } from './model-section.js';
import { monitoring } from './monitoring-section.js';
import {
  name,
  path,
  positive,
  timerSeconds,
  z,
  type DecoderOptions,
  type LinkOptions,
} from './option-types.js';
import { publish } from './publish-section.js';
import { createSensorSection, type SensorSection } from './sensor-section.js';

/**
 * The options of a configuration, with their defaults and descriptions; the JSON Schema is made
 * from them. Decoders, links and publishers declare their own options in their own files, and the
 * program hands them over where it is put together.
 */

const seconds = z.number().nonnegative();

const state = z
  .strictObject({
    checkpointSeconds: timerSeconds
      .default(30)
      .describe('Save the state this often while it changes'),
    maxAgeSeconds: seconds.default(600).describe('An older state is not resumed'),
    onGap: z
      .strictObject({
        maxMs: positive.default(1000).describe('A gap up to this long changes nothing'),
        then: z
          .enum(['reset', 'keep'])
          .default('reset')
          .describe(
            'reset: begin with an empty state after it; keep: go on as if nothing were missing',
          ),
      })
      .prefault({})
      .describe('What becomes of the state when no sample came for longer than maxMs'),
  })
  .prefault({})
  .describe("The model's memory on flash");

const device = name
  .default(() => hostname())
  .describe('Name of this box, a part of its topics. Default: the host name');

const stateDirectory = path
  .default(() => process.env['STATE_DIRECTORY'] ?? './state')
  .describe(
    'Folder of the states and of the records that wait. Default: $STATE_DIRECTORY, else state beside the configuration',
  );

const log = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('Lines below this are not written'),
    format: z
      .enum(['auto', 'json', 'pretty'])
      .default('auto')
      .describe(
        'auto: pretty on a terminal where the package pino-pretty is installed, and JSON everywhere else',
      ),
  })
  .prefault({})
  .describe('The log, which goes to stderr');

/** Files and folders of the state directory, beside those of the streams. */
const namesInStateDirectory = [
  'boot',
  'outbox',
  'commands.json',
  'reloaded.json',
  'sparkplug-bdseq',
  'home-assistant.json',
  '.lock',
];

const streamName = name.refine(
  (stream) => !['cmd', ...namesInStateDirectory, '.', '..'].includes(stream),
  {
    message: `is taken: cmd is a topic, ${namesInStateDirectory.join(', ')} are in stateDirectory, . and .. are folders`,
  },
);

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
  const [first, ...others] = decoders.map((decoder) =>
    createSensorSection(links, decoders, decoder),
  );
  if (first === undefined) {
    throw new Error('a configuration needs at least one decoder to name');
  }
  const sensor = z.discriminatedUnion('decoder', [first, ...others], {
    error: ({ code }) =>
      code === 'invalid_union'
        ? `must be one of ${decoders.map((each) => `"${each.name}"`).join(', ')}`
        : undefined,
  });
  const described = sensor.describe('Where samples come from, and what their bytes mean');
  const stream = z.strictObject({ sensor: described, features, model, state, publish });
  return z
    .strictObject({
      device,
      stateDirectory,
      log,
      healthSeconds: timerSeconds.default(60).describe('Publish health this often'),
      monitoring,
      commands,
      ...publishers,
      streams: z
        .record(streamName, stream)
        .refine((streams) => Object.keys(streams).length > 0, { message: 'must name a stream' })
        .describe('Each stream by its name: one sensor, one model and one state'),
    })
    .describe('Configuration of lstmd');
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
