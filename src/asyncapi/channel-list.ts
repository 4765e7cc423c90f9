import type { JsonSchema } from './json-schema.js';

/** A topic with what is on it. */
export interface TopicDescription {
  /** Name in the document: letters, digits, `-` and `_`. */
  readonly key: string;
  readonly address: string;
  readonly summary: string;
  readonly payload: JsonSchema;
  readonly contentType: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** `send`: the device publishes; `receive`: it subscribes. */
  readonly action: 'send' | 'receive';
  /** Says what `{stream}` in the address stands for. */
  readonly streams?: string | undefined;
  /** Key of the topic of the answers, of a topic that is received. */
  readonly replyKey?: string | undefined;
  /** True for a topic of answers, which have no operation of their own. */
  readonly isReply?: boolean | undefined;
}

/** Channels, messages, schemas and operations, as an AsyncAPI document has them. */
export function channelsOf(topics: readonly TopicDescription[]): {
  readonly channels: object;
  readonly operations: object;
  readonly components: object;
} {
  return {
    channels: Object.fromEntries(topics.map((topic) => [topic.key, channelOf(topic)])),
    operations: Object.fromEntries(
      topics
        .filter(({ isReply }) => isReply !== true)
        .map((topic) => [`${topic.action}-${topic.key}`, operationOf(topic)]),
    ),
    components: {
      messages: Object.fromEntries(
        topics.map(({ key, summary, contentType }) => [
          key,
          { name: key, summary, contentType, payload: { $ref: `#/components/schemas/${key}` } },
        ]),
      ),
      schemas: Object.fromEntries(topics.map(({ key, payload }) => [key, payload])),
    },
  };
}

function channelOf({ key, address, summary, streams }: TopicDescription): object {
  return {
    address,
    description: summary,
    messages: { [key]: { $ref: `#/components/messages/${key}` } },
    ...(streams !== undefined && { parameters: { stream: { description: streams } } }),
  };
}

function operationOf({ key, action, summary, qos, retain, replyKey }: TopicDescription): object {
  return {
    action,
    channel: { $ref: `#/channels/${key}` },
    summary,
    messages: [{ $ref: `#/channels/${key}/messages/${key}` }],
    bindings: {
      mqtt: { qos, ...(action === 'send' && { retain }), bindingVersion: '0.2.0' },
    },
    ...(replyKey !== undefined && {
      reply: {
        channel: { $ref: `#/channels/${replyKey}` },
        messages: [{ $ref: `#/channels/${replyKey}/messages/${replyKey}` }],
      },
    }),
  };
}
