import { engineNames } from '../engine/program/engine.js';
import { modes } from '../model/plan/stream-plan.js';
import type { DropReason } from '../publish/outbox/contract/record.js';
import {
  arrayOf,
  boolean,
  integer,
  number,
  object,
  oneOf,
  orNull,
  text,
  type JsonSchema,
} from './json-schema.js';

const anyObject: JsonSchema = { type: 'object' };

const dropped: Readonly<Record<DropReason, JsonSchema>> = {
  overflow: integer,
  expired: integer,
  tooLarge: integer,
  refused: integer,
  lost: integer,
  unconfirmed: integer,
};

/** The schema of whether the device is there. */
export const statusSchema = object({
  state: oneOf(['online', 'offline']),
  ts: integer,
});

/** The schema of what a stream runs. */
export const infoSchema = object({
  ts: integer,
  boot: integer,
  version: text,
  engine: oneOf(engineNames),
  target: text,
  model: object({ file: text, origin: text, sha256: text }),
  labels: arrayOf(text),
  heads: arrayOf(object({ name: text, task: text, taskFrom: text })),
  events: arrayOf(anyObject),
  axes: arrayOf(text),
  rateHz: number,
  weights: text,
  mode: oneOf(modes),
  window: orNull(integer),
  stride: integer,
  every: integer,
  format: oneOf(['json', 'cbor']),
  warmupSamples: integer,
  state: object({ resumed: boolean, reason: text }),
});

/** The schema of the health of a device. */
export const deviceHealthSchema = object({
  ts: integer,
  boot: integer,
  uptimeSeconds: integer,
  rssBytes: orNull(integer),
  clock: object({ confirmed: boolean, steps: integer }),
  records: object({
    produced: integer,
    delivered: integer,
    pending: integer,
    dropped: object({}, dropped),
  }),
  outbox: orNull(anyObject),
  broker: object({ connected: boolean, connects: integer }),
  totals: object({
    streams: integer,
    connected: integer,
    steps: integer,
    predictions: integer,
    events: integer,
  }),
});

/** The schema of the health of a stream. */
export const streamHealthSchema = object({
  ts: integer,
  boot: integer,
  connected: boolean,
  samples: integer,
  measuredHz: orNull(number),
  timing: anyObject,
  steps: object({ steps: integer, gapResets: integer, exploded: integer, refused: integer }),
  published: object({
    outputs: integer,
    predictions: integer,
    events: integer,
    notFinite: integer,
  }),
  sensor: anyObject,
  state: object({ saves: integer, failures: integer, failing: integer, bytesWritten: integer }),
});

/** The schema of a command, of which all members may be left out. */
export const commandSchema = object({}, { id: text, stream: text });

/** The schema of the answer to a command. */
export const answerSchema = object(
  { ts: integer, command: text, ok: boolean },
  { id: text, error: text, again: boolean },
);
