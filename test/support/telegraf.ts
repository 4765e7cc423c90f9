import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { isMatch } from '#src/mqtt-client/asked-packets.js';

const strings = z.array(z.string()).default([]);

/** The options of Telegraf's mqtt_consumer with its `json` parser that our file uses; any other is an error. */
const input = z.strictObject({
  alias: z.string(),
  name_override: z.string().optional(),
  servers: z.tuple([z.literal('${MQTT_URL}')]),
  username: z.literal('${MQTT_USER}'),
  password: z.literal('${MQTT_PASSWORD}'),
  topics: z.tuple([z.string()]),
  topic_tag: z.literal(''),
  qos: z.literal(1),
  client_id: z.string(),
  persistent_session: z.literal(true),
  max_undelivered_messages: z.int().optional(),
  namepass: z.array(z.string()).optional(),
  fieldexclude: strings,
  data_format: z.literal('json'),
  json_name_key: z.string().optional(),
  json_time_key: z.string().optional(),
  json_time_format: z.literal('unix_ms').optional(),
  json_string_fields: strings,
  tag_keys: strings,
  topic_parsing: z.tuple([z.strictObject({ topic: z.string(), tags: z.string() })]),
});

type Input = z.output<typeof input>;

/** A point as it goes to the database. */
export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | string | boolean>>;
  /** Epoch milliseconds; undefined where it is that of the arrival. */
  readonly timeMs: number | undefined;
}

/** Reads messages as Telegraf does by a configuration (plugins/inputs/mqtt_consumer and plugins/parsers/json of 1.30). */
export class Telegraf {
  readonly inputs: readonly Input[];

  constructor(file: string) {
    const config = z
      .object({ inputs: z.strictObject({ mqtt_consumer: z.array(input) }) })
      .parse(parse(readFileSync(file, 'utf8')));
    this.inputs = config.inputs.mqtt_consumer;
  }

  /** The points of a message, of every input that subscribes to its topic. */
  read(topic: string, payload: string): Point[] {
    return this.inputs
      .filter(({ topics: [filter] }) => matches(filter, topic))
      .map((section) => pointOf(section, topic, payload))
      .filter((point) => point !== undefined);
  }
}

function pointOf(section: Input, topic: string, payload: string): Point | undefined {
  const flat = new Map<string, number | string | boolean>();
  flatten('', JSON.parse(payload), flat);
  const name = flat.get(section.json_name_key ?? '');
  const measurement = section.name_override ?? String(name ?? 'mqtt_consumer');
  const timeMs = section.json_time_key === undefined ? undefined : flat.get(section.json_time_key);
  if (section.json_time_key !== undefined && typeof timeMs !== 'number') {
    throw new Error(`${section.alias}: no ${section.json_time_key} in ${payload}`);
  }
  flat.delete(section.json_time_key ?? '');
  const tags = tagsOf(section, topic);
  for (const [key, value] of flat) {
    if (section.tag_keys.some((glob) => matchesGlob(glob, key))) {
      tags[key] = String(value);
      flat.delete(key);
    } else if (
      section.fieldexclude.some((glob) => matchesGlob(glob, key)) ||
      (typeof value !== 'number' && !section.json_string_fields.some((g) => matchesGlob(g, key)))
    ) {
      flat.delete(key);
    }
  }
  return section.namepass?.includes(measurement) === false
    ? undefined
    : {
        measurement,
        tags,
        fields: Object.fromEntries(flat),
        timeMs: typeof timeMs === 'number' ? timeMs : undefined,
      };
}

function tagsOf({ topic_parsing: [parsing] }: Input, topic: string): Record<string, string> {
  const levels = topic.split('/');
  const names = parsing.tags.split('/');
  if (!matches(parsing.topic, topic) || names.length !== levels.length) {
    throw new Error(`${topic} is not parsed by ${parsing.topic}, ${parsing.tags}`);
  }
  const tags: Record<string, string> = {};
  for (const [i, name] of names.entries()) {
    if (name !== '_') {
      tags[name] = levels[i] ?? '';
    }
  }
  return tags;
}

function flatten(name: string, value: unknown, to: Map<string, number | string | boolean>): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      flatten(`${name}_${key}`.replace(/^_+|_+$/g, ''), inner, to);
    }
  } else if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
    to.set(name, value);
  }
}

function matches(filter: string, topic: string): boolean {
  return isMatch(filter.split('/'), topic.split('/'));
}

function matchesGlob(glob: string, text: string): boolean {
  return new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(text);
}
