import { connectionFault, isHangUp } from '../../mqtt-client/broker-socket.js';
import { ReasonCodes } from '../../mqtt-client/library.js';

/** How a connection ended. */
export interface SessionEnd {
  readonly reason: string;
  /** The broker hung up, said that it would, or answered beside MQTT; otherwise we did, or the network. */
  readonly isByBroker: boolean;
  /** It refused a publish beside MQTT, perhaps for its size: no other client is behind that. */
  readonly isByRefusal: boolean;
  /** It said that another client with the same id has connected. */
  readonly isTakenOver: boolean;
}

/** The reason of MQTT 5 for a connection that another client's with the same id took the place of (4.13.2). */
export const sessionTakenOver = 0x8e;

/** Why a connection ended, in words; the broker hung up where nothing else is known. */
export function wordsFor(fault: unknown): string {
  if (isUnreadableAnswer(fault)) {
    return 'the broker refused a publish with a reason that MQTT does not have there, perhaps as too large (message_size_limit of Mosquitto)';
  }
  return fault === undefined ? 'the broker closed it' : connectionFault(fault);
}

/** Returns whether the other side closed the connection, be it by a reset. */
export function isClosedByBroker(fault: unknown): boolean {
  return fault === undefined || isHangUp(fault);
}

/**
 * Returns whether the broker answered a publish with a reason that MQTT does not have there, so that the client
 * gave the connection up: Mosquitto does so, with "packet too large", beyond its `message_size_limit`.
 */
export function isUnreadableAnswer(fault: unknown): boolean {
  return fault instanceof Error && /^Invalid pub(ack|rec) reason code$/.test(fault.message);
}

/** The words that MQTT 5 has for a reason code. */
export function reasonOf(code: number): string {
  const words: Readonly<Record<number, string>> = ReasonCodes;
  return words[code] ?? `reason code ${code}`;
}

/** The MQTT reason code of an error; undefined for the system's errors, whose codes are names. */
export function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) {
    return undefined;
  }
  return typeof error.code === 'number' ? error.code : undefined;
}
