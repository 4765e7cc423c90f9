/**
 * `node scripts/docs/write-configuration.mjs`: writes docs/configuration.md, every option of a configuration with its type, default
 * and description, from deploy/lstmd.schema.json. A test holds the page to the schema.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const schemaFile = new URL('../../deploy/lstmd.schema.json', import.meta.url);
const pageFile = new URL('../../docs/configuration.md', import.meta.url);

const opening = `# Configuration

You want to know what an option means, what it is when it is left out, or which there are. This page is made from the schema that
the program itself reads a file by (\`npm run generate\`). Your editor knows it too, by the
[JSON Schema](../deploy/lstmd.schema.json), which \`lstmd run --schema\` prints; and the program says of a file what it thinks of it,
all faults at once and each with its line:

\`\`\`sh
lstmd run --check -c lstmd.yaml
\`\`\`

- The least that runs is a broker and a stream: \`mqtt.url\`, and of a stream \`sensor.link\`, \`sensor.rateHz\`, \`model.file\` and
  \`model.mode\`. \`lstmd init --model MODEL\` writes a configuration for the sensor and the model at hand.
- A relative path is taken from the folder of the configuration.
- Any single value can come from the environment, over what the file says: \`mqtt.passwordFile\` is \`LSTMD_MQTT_PASSWORD_FILE\`, and
  \`streams.press.sensor.baudRate\` is \`LSTMD_STREAMS_PRESS_SENSOR_BAUD_RATE\`. A variable that names no option is a fault.
- A name that is none, or stands in the wrong place, is refused with what was probably meant. Nothing is passed over in silence.
`;

/** Each heading of a stream, the place of its options in the schema, and what their paths begin with. */
const streamSections = [
  { title: 'streams.NAME.features', at: ['streams', '*', 'features'], prefix: 'features.' },
  { title: 'streams.NAME.model', at: ['streams', '*', 'model'], prefix: 'model.' },
  { title: 'streams.NAME.state', at: ['streams', '*', 'state'], prefix: 'state.' },
  { title: 'streams.NAME.publish', at: ['streams', '*', 'publish'], prefix: 'publish.' },
];

/** @param schema JSON Schema of a configuration, as `lstmd run --schema` prints it */
export function configurationPage(schema) {
  const publishers = publisherNames(schema);
  const own = ['log', ...publishers];
  const device = { title: 'The device', at: [], prefix: '', without: [...own, 'streams'] };
  const ofDevice = own.map((name) => ({ title: name, at: [name], prefix: `${name}.` }));
  const textOfSection = (section) => sectionText(schema, section);
  return [
    opening,
    ...[device, ...ofDevice].map(textOfSection),
    ...sensorTexts(schema),
    ...streamSections.map(textOfSection),
  ].join('\n');
}

/** The sections of the publishers: each has an outbox. */
function publisherNames({ properties }) {
  return Object.keys(properties).filter(
    (name) => properties[name].properties?.outbox !== undefined,
  );
}

function sectionText(schema, { title, at, prefix, without = [] }) {
  const section = sectionAt(schema, at);
  const options = Object.fromEntries(
    Object.entries(section.properties).filter(([name]) => !without.includes(name)),
  );
  return withHeading(title, at.length === 0 ? '' : section.description, [
    options,
    section.required ?? [],
    prefix,
  ]);
}

/** Describes the options that all decoders have in common, then those that each has beside them. */
function sensorTexts(schema) {
  const sensor = sectionAt(schema, ['streams', '*', 'sensor']);
  const [first, ...others] = sensor.oneOf;
  const isCommon = (name) =>
    name !== 'decoder' &&
    others.every((other) => textOf(other.properties[name]) === textOf(first.properties[name]));
  const common = Object.keys(first.properties).filter(isCommon);
  const names = sensor.oneOf.map(({ properties }) => properties.decoder.const);
  const decoder = {
    type: 'string',
    enum: names,
    default: first.properties.decoder.default,
    description: first.properties.decoder.description,
  };
  const options = { ...pick(first.properties, common), decoder };
  const texts = sensor.oneOf.flatMap(({ properties, required = [] }) => {
    const own = Object.keys(properties).filter(
      (name) => name !== 'decoder' && !common.includes(name),
    );
    const name = properties.decoder.const;
    return own.length === 0
      ? []
      : [
          withHeading(`streams.NAME.sensor with decoder ${name}`, '', [
            pick(properties, own),
            required,
            'sensor.',
          ]),
        ];
  });
  const note = `${sensor.description}. What each decoder reads, with pitfalls and how to try it, is in [sensors.md](sensors.md).`;
  return [
    withHeading('streams.NAME.sensor', note, [options, first.required ?? [], 'sensor.']),
    ...texts,
  ];
}

function withHeading(title, words, [options, required, prefix]) {
  const rows = rowsOf(options, required, prefix);
  const note = words === '' ? '' : `${words.replace(/[^.]$/, '$&.')}\n\n`;
  const table = [['option', 'type', 'default', 'what'], ['-', '-', '-', '-'], ...rows];
  return `## ${title}\n\n${note}${table.map(rowText).join('\n')}\n`;
}

/** A row of a table as the formatter writes it: an empty cell has one blank. */
function rowText(cells) {
  return `| ${cells.map((cell) => (cell === '' ? '' : `${cell} `)).join('| ')}|`;
}

/** A row for each option, and for those within it. */
function rowsOf(options, required, prefix) {
  const rows = [];
  for (const [name, option] of Object.entries(options)) {
    const path = `${prefix}${name}`;
    if (typeof option.description !== 'string') {
      throw new Error(`${path} has no description: say what it is where it is declared`);
    }
    const what = option.description.replace(/[|<]/g, '\\$&');
    rows.push([`\`${path}\``, typeOf(option), defaultOf(option, required.includes(name)), what]);
    for (const { suffix, section } of withinOf(option)) {
      rows.push(...rowsOf(section.properties, section.required ?? [], `${path}${suffix}.`));
    }
  }
  return rows;
}

/** The sections within an option: of itself, of each of its names, or of each item of its list. */
function withinOf(option) {
  const items = option.items;
  const named = option.additionalProperties;
  if (option.properties !== undefined) {
    return [{ suffix: '', section: option }];
  }
  if (typeof named === 'object' && named.properties !== undefined) {
    return [{ suffix: '.NAME', section: named }];
  }
  if (items?.properties !== undefined) {
    return [{ suffix: '[]', section: items }];
  }
  return (items?.oneOf ?? []).map((section) => {
    const [[key, { const: word }]] = Object.entries(section.properties);
    return { suffix: `[${key}: ${word}]`, section };
  });
}

function typeOf(option) {
  const kinds = (option.anyOf ?? [option]).map(kindOf);
  return [...new Set(kinds)].join(', ');
}

function kindOf(option) {
  if (option.const !== undefined) {
    return `\`${option.const}\``;
  }
  if (option.enum !== undefined) {
    return option.enum.map((word) => `\`${word}\``).join(', ');
  }
  switch (option.type) {
    case 'array':
      return `list of ${pluralOf(option.items)}`;
    case 'object':
      return option.properties === undefined
        ? `${typeOf(option.additionalProperties)} by name`
        : 'section';
    case 'number':
    case 'integer':
      return `${option.type}${rangeOf(option)}`;
    default:
      return option.type ?? 'section';
  }
}

function pluralOf(item) {
  return typeOf(item).replace(
    /^(number|integer|string|section|list)\b.*?(?= (?:from|above|to|below)|$)/,
    '$1s',
  );
}

function isBound(bound) {
  return bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
}

/** Bounds that somebody may meet; those of the number type itself are none. */
function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  const words = [
    isBound(minimum) ? `from ${minimum}` : '',
    isBound(exclusiveMinimum) ? `above ${exclusiveMinimum}` : '',
    isBound(maximum) ? `to ${maximum}` : '',
    isBound(exclusiveMaximum) ? `below ${exclusiveMaximum}` : '',
  ].filter((word) => word !== '');
  return words.length === 0 ? '' : ` ${words.join(' ')}`;
}

function defaultOf(option, isRequired) {
  const { default: value } = option;
  if (value === undefined) {
    return isRequired ? 'required' : '';
  }
  return typeof value === 'object' && !Array.isArray(value) ? '' : `\`${JSON.stringify(value)}\``;
}

function sectionAt(schema, at) {
  return at.reduce(
    (section, key) => (key === '*' ? section.additionalProperties : section.properties[key]),
    schema,
  );
}

function pick(options, names) {
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}

function textOf(value) {
  return JSON.stringify(value);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const schema = JSON.parse(readFileSync(schemaFile, 'utf8'));
  writeFileSync(pageFile, configurationPage(schema));
}
