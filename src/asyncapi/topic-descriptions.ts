import type { Config } from '../agent/config-schema.js';
import type { PreparedStream } from '../agent/prepared-stream.js';
import type { StreamTopics, Topics } from '../publish/mqtt/topics.js';
import type { TopicDescription } from './channel-list.js';
import {
  answerSchema,
  commandSchema,
  deviceHealthSchema,
  infoSchema,
  statusSchema,
  streamHealthSchema,
} from './fact-schemas.js';
import type { JsonSchema } from './json-schema.js';
import {
  batchSchema,
  eventSchema,
  historySchema,
  nowSchema,
  predictionSchema,
} from './record-schemas.js';

const json = 'application/json';

/** The topics of a device. */
export function deviceTopics(topics: Topics, config: Config): TopicDescription[] {
  const retained = { contentType: json, qos: 1, retain: true, action: 'send' } as const;
  const commands = config.commands?.allow ?? [];
  return [
    {
      ...retained,
      key: 'status',
      address: topics.status,
      summary: 'Whether the device is there; offline is its last will too',
      payload: statusSchema,
    },
    {
      ...retained,
      key: 'health',
      address: topics.health,
      summary: `Counters of the device, every ${config.healthSeconds} s`,
      payload: deviceHealthSchema,
    },
    ...commands.flatMap((name): TopicDescription[] => [
      {
        key: `cmd-${name}`,
        address: topics.commands.replace('+', name),
        summary: `Has the device carry out ${name}`,
        payload: commandSchema,
        contentType: json,
        qos: 1,
        retain: false,
        action: 'receive',
        replyKey: `cmd-${name}-result`,
      },
      {
        key: `cmd-${name}-result`,
        address: topics.commandResult(name),
        summary: `What became of ${name}; in MQTT 5 on the response topic of the request where it has one`,
        payload: answerSchema,
        contentType: json,
        qos: 1,
        retain: false,
        action: 'send',
        isReply: true,
      },
    ]),
  ];
}

/** The topics of a stream, or of the streams of a template. */
export function streamTopics(
  stream: PreparedStream,
  topics: Topics,
  recordQos: 0 | 1 | 2,
): TopicDescription[] {
  const { name, config, events, template } = stream;
  const { format, batch, nowSeconds } = config.publish;
  const addresses = topics.stream(template === undefined ? name : '{stream}');
  const one = predictionSchema(stream);
  const prediction = batch > 1 ? batchSchema(one) : one;
  const event = eventSchema(events);
  const of = (
    leaf: keyof StreamTopics,
    summary: string,
    payload: JsonSchema,
    isRecord: boolean,
  ): TopicDescription => ({
    key: `${keyOf(name)}-${leaf}`,
    address: addresses[leaf],
    summary,
    payload,
    contentType: isRecord && format === 'cbor' ? 'application/cbor' : json,
    qos: isRecord ? recordQos : 1,
    retain: !isRecord,
    action: 'send',
    ...(template !== undefined && { streams: `The streams of the entry ${name}, one a device` }),
  });
  return [
    of('prediction', 'The outputs that publish chooses', prediction, true),
    of('event', 'An event turned on or off', event, true),
    of('history', 'Records that waited on flash', historySchema(prediction, event), true),
    ...(nowSeconds > 0
      ? [
          of(
            'now',
            'The last prediction, and the state of each event',
            nowSchema(one, events),
            false,
          ),
        ]
      : []),
    of('info', 'What the stream runs, and what became of its state', infoSchema, false),
    of('health', 'Counters of the stream', streamHealthSchema, false),
  ];
}

/** A name of letters, digits, `-` and `_`; other characters are their codes, so that two names stay two. */
function keyOf(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9-]/g, (unit) => `_${unit.charCodeAt(0).toString(16)}_`);
  return `stream-${plain}`;
}
