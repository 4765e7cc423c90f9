import type { Qos } from '../prediction/record.js';
import type { Delivery } from './delivery.js';

/** The limits that the broker sets on this connection. */
export interface BrokerLimits {
  /** Unacknowledged publishes at a time. */
  readonly receiveMaximum: number;
  readonly maximumQos: Qos;
  readonly retainAvailable: boolean;
  readonly maximumPacketBytes: number;
  /** Topics that may have an alias; 0 where the broker has none. */
  readonly topicAliases: number;
}

/** The broker's no to a publish. */
export interface Refusal {
  /** Reason code of the acknowledgement (MQTT 5, 2.4). */
  readonly code: number;
  readonly reason: string;
}

/** A message that came on a topic that was subscribed to. */
export interface HeardMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** The broker had kept it: it is not of now. */
  readonly isRetained: boolean;
  /** MQTT 5 alone tells it, as it does the next; undefined where the message has none. */
  readonly responseTopic: string | undefined;
  readonly correlationData: Buffer | undefined;
}

/** Holds what is published, beside the item that its owner knows it by. */
export interface Message {
  readonly topic: WireTopic;
  /** JSON, or bytes of another format. */
  readonly payload: string | Uint8Array;
  /** Bytes of the payload. */
  readonly payloadBytes: number;
  readonly qos: Qos;
  readonly isRetained: boolean;
  /** How long the broker may keep it for a subscriber, seconds, which MQTT 5 alone can tell it; 0 for ever. */
  readonly expirySeconds: number;
  /** Properties as MQTT 5 writes them, beside expiry and alias; empty for none. */
  readonly properties: Buffer;
}

/** A topic as it is written on one connection. */
export interface WireTopic {
  readonly name: string;
  readonly bytes: Buffer;
  /** Its alias; 0 for none. */
  readonly alias: number;
  /** The broker knows the alias. */
  isAliasKnown: boolean;
}

export function wireTopic(name: string, alias = 0): WireTopic {
  return { name, bytes: Buffer.from(name), alias, isAliasKnown: false };
}

/**
 * Told of each publish that is done, with undefined, or with the refusal where the broker refused it; not at all where the
 * connection breaks first.
 */
export type Answered = (item: Delivery, bytes: number, refusal: Refusal | undefined) => void;
