import type { OutboxRecord } from '../outbox/contract/record.js';
import type { Topics } from './topics.js';

/** Writes a JSON text in another format. */
export type Encode = (json: string) => Uint8Array;

/** The topic of a record: that of its kind, or of the history where it waited on disk. */
export function topicOf({ stream, kind, isHistory }: OutboxRecord, topics: Topics): string {
  const streamTopics = topics.stream(stream);
  return isHistory ? streamTopics.history : streamTopics[kind];
}

/**
 * The JSON of a record on its topic. On that of the history two members come before its own:
 * `{"history":true,"kind":"prediction",` and the rest as it was.
 */
export function payloadOf({ kind, payload, isHistory }: OutboxRecord): string {
  // The payload is an object that is not empty: its first character is the brace.
  return isHistory ? `{"history":true,"kind":"${kind}",${payload.slice(1)}` : payload;
}
