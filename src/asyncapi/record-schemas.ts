import type { PreparedStream } from '../agent/prepared-stream.js';
import type { Head } from '../publish/prediction/heads/head.js';
import type { PublishedMember } from '../publish/prediction/heads/published-member.js';
import { eventName, type WatchedRule } from '../publish/prediction/event-rules.js';
import {
  arrayOf,
  boolean,
  constant,
  described,
  integer,
  number,
  object,
  oneOf,
  orNull,
  text,
  type JsonSchema,
} from './json-schema.js';

/** The members that say which record it is. */
const key = {
  ts: described(integer, 'When the sample was acquired: epoch milliseconds, UTC'),
  boot: described(integer, 'The life of the process: compare it for equality only'),
  seq: described({ type: 'integer', minimum: 1 }, 'Number of the sample in this boot and stream'),
};

const tsUncertain = described(boolean, 'True where ts is of a clock that had not been set');

const onOff = oneOf(['on', 'off']);

/** The schema of one prediction of a stream, by the tasks of its heads. */
export function predictionSchema({ heads, config }: PreparedStream): JsonSchema {
  const [only] = heads;
  const { required, optional } =
    heads.length === 1 && only !== undefined
      ? headMembers(only, config.publish.steps)
      : {
          required: {
            heads: object(
              Object.fromEntries(
                heads.map((head) => {
                  const members = headMembers(head, config.publish.steps);
                  return [head.name, object(members.required, members.optional)];
                }),
              ),
            ),
          },
          optional: {},
        };
  return object(
    {
      ...key,
      ...required,
      warm: described(boolean, 'Whether the network had seen enough samples since its last reset'),
    },
    {
      ...optional,
      tsUncertain,
      gapMs: described(
        orNull(number),
        'Milliseconds of samples that are missing before it; null where nobody knows',
      ),
      filled: described(integer, 'Samples that were made up in the gap'),
    },
  );
}

/** The schema of several predictions in one message, as `publish.batch` asks for. */
export function batchSchema(prediction: JsonSchema): JsonSchema {
  return object({ ...key, predictions: { ...arrayOf(prediction), minItems: 1 } });
}

/** The schema of the events of a stream: those of its rules, and that of its drift. */
export function eventSchema(events: readonly WatchedRule[]): JsonSchema {
  return {
    anyOf: [
      ...events.map(({ rule, direction }) => {
        const name = constant(eventName(rule));
        const members =
          rule.label === undefined ? { event: name, value: number } : { label: name, p: number };
        return eventOf(members, `On ${direction} ${rule.on}, off again at ${rule.off}`);
      }),
      eventOf(
        {
          event: constant('modelDrift'),
          value: number,
          of: described(text, 'The number that is farthest off'),
          measure: oneOf(['stabilityIndex', 'outOfRange']),
        },
        'Features or outputs are no longer as the model expects',
      ),
    ],
  };
}

/** The schema of a record that waited on flash. */
export function historySchema(prediction: JsonSchema, event: JsonSchema): JsonSchema {
  return {
    anyOf: [{ allOf: [waited('prediction'), prediction] }, { allOf: [waited('event'), event] }],
  };
}

/** The schema of the last prediction with the state of every event. */
export function nowSchema(prediction: JsonSchema, events: readonly WatchedRule[]): JsonSchema {
  const names = events.map(({ rule }) => eventName(rule));
  const states = Object.fromEntries(names.map((name) => [name, onOff]));
  return { allOf: [prediction, object({ events: object({}, states) })] };
}

function waited(kind: string): JsonSchema {
  return object({ history: { type: 'boolean', const: true }, kind: constant(kind) });
}

function eventOf(members: Readonly<Record<string, JsonSchema>>, words: string): JsonSchema {
  return described(object({ ...key, ...members, state: onOff }, { tsUncertain }), words);
}

interface Members {
  readonly required: Readonly<Record<string, JsonSchema>>;
  readonly optional: Readonly<Record<string, JsonSchema>>;
}

/** The members that a head has in a prediction. */
function headMembers({ task, published }: Head, givesSteps: boolean): Members {
  const steps = described(arrayOf(arrayOf(number)), 'Every step of the window, oldest first');
  if (published.length === 0) {
    return { required: { steps }, optional: {} };
  }
  const byWhat = (what: PublishedMember['what']): PublishedMember[] =>
    published.filter((member) => member.what === what);
  const numbers = (what: PublishedMember['what'], schema: JsonSchema = number): JsonSchema =>
    object(
      Object.fromEntries(byWhat(what).map((member) => [member.name, inUnits(schema, member)])),
    );
  switch (task) {
    case 'classify': {
      const [label] = byWhat('label');
      return {
        required: {
          p: numbers('probability'),
          ...(label !== undefined && { label: { type: 'string', enum: label.options } }),
        },
        optional: {},
      };
    }
    case 'regress':
      return { required: { value: numbers('value') }, optional: {} };
    case 'reconstruct':
      return {
        required: { score: number, share: numbers('share') },
        optional: givesSteps ? { steps } : {},
      };
    case 'forecast': {
      const forecast = object({
        ts: arrayOf(integer),
        value: numbers('forecast', arrayOf(number)),
      });
      return {
        required: { forecast },
        optional: byWhat('error').length > 0 ? { error: number } : {},
      };
    }
  }
}

function inUnits(schema: JsonSchema, { units }: PublishedMember): JsonSchema {
  return units === undefined ? schema : described(schema, `in ${units}`);
}
