import { withDeclaredUnits } from './declared-units.js';
import { withLinks } from './link-faults.js';
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
import { withOptionsElsewhere } from './options-elsewhere.js';

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

/** The `sensor` section as far as it is known here: without the options of its link and decoder. */
export interface SensorSection {
  readonly link: string;
  readonly decoder: string;
  readonly rateHz: number;
  readonly axes: readonly string[];
  readonly units?: string | readonly string[] | undefined;
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
export function createSensorSection(
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
