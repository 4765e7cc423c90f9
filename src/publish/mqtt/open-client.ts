import type { Duplex } from 'node:stream';
import { ConnectRefusedError } from '../../mqtt-client/connect-refused-error.js';
import { MqttClient } from '../../mqtt-client/library.js';
import { clientOptions, maximumAnswerBytes, type SessionOptions } from './client-options.js';
import type { BrokerLimits } from './message.js';
import {
  codeOf,
  isClosedByBroker,
  isUnreadableAnswer,
  reasonOf,
  sessionTakenOver,
  wordsFor,
  type SessionEnd,
} from './session-end.js';
import { AnswerReader, type AnswerType } from './wire/answer-reader.js';
import { ClientStream } from './wire/client-stream.js';
import { PacketBuffer } from './wire/packet-buffer.js';

/**
 * A 3.1.1 broker does not say how many it takes. Mosquitto takes 20 by default, and leaves a QoS 2
 * publish beyond them without an answer for ever.
 */
const unstatedReceiveMaximum = 20;

/** Holds what a session needs of a connection when the broker has let the client in. */
export interface OpenedClient {
  readonly client: MqttClient;
  readonly packets: PacketBuffer;
  readonly limits: BrokerLimits;
  readonly closed: Promise<SessionEnd>;
  /** Says who takes the answers to publishes. */
  readonly answers: { sink: (type: AnswerType, id: number, code: number) => boolean };
  /** The broker sent a packet that nobody had asked for. */
  readonly unasked: (packet: string) => void;
  /** The broker does not answer what was sent. */
  readonly overdue: (what: 'publish' | 'subscription') => void;
  /** This side ends the connection. */
  readonly ending: () => void;
}

/** A broker may send these before it has had anything but the CONNECT. */
const openingPackets: ReadonlySet<string> = new Set(['connack', 'auth', 'disconnect']);

/**
 * Sends the CONNECT and waits for the answer.
 *
 * @param socket connected to the broker; it is the client's from now on
 * @throws ConnectRefusedError when the broker says no, or nothing
 */
export async function openClient(socket: Duplex, options: SessionOptions): Promise<OpenedClient> {
  const packets = new PacketBuffer(socket);
  const stream = new ClientStream(socket, packets);
  const client = new MqttClient(() => stream, clientOptions(options));
  // Before there is a session nothing was published, and no answer to it is known.
  const answers: OpenedClient['answers'] = { sink: () => false };
  let fault: unknown;
  let isEndedByBroker = false;
  let isTakenOver = false;
  // After a malformed packet nothing on this connection can be trusted.
  client.on('error', (error) => {
    fault ??= error;
    socket.destroy();
  });
  // Ends the client too: it would go on with the packets that it has parsed already.
  const drop = (): void => {
    client.end(true);
    socket.destroy();
  };
  // All that a broker may send are short answers, and short messages where something is subscribed to.
  let unparsedBytes = 0;
  const unasked = (packet: string): void => {
    fault ??= new Error(`the broker sent a ${packet} packet, for which nobody had asked`);
    drop();
  };
  // What comes in one piece with the CONNACK is read before there is a session.
  let isOpen = false;
  client.on('packetreceive', ({ cmd }) => {
    unparsedBytes = 0;
    if (!isOpen && !openingPackets.has(cmd)) {
      unasked(cmd);
    }
  });
  const reader = new AnswerReader({
    answer: (type, id, code) => answers.sink(type, id, code),
    rest: (bytes) => {
      unparsedBytes += bytes.length;
      if (unparsedBytes > maximumAnswerBytes) {
        fault ??= new Error('the broker sends a packet larger than any answer');
        socket.destroy();
      } else if (!stream.destroyed) {
        stream.push(bytes);
      }
    },
  });
  socket.on('data', (chunk: Buffer) => reader.take(chunk));
  // One that reads into one buffer has waited for this listener.
  socket.resume();
  client.on('disconnect', (packet) => {
    const code = packet.reasonCode ?? 0;
    isEndedByBroker = true;
    isTakenOver = code === sessionTakenOver;
    fault ??= new Error(`the broker ended it: ${reasonOf(code)}`);
  });
  // Over TLS 1.3 a broker refuses a client certificate only now.
  socket.on('error', (error) => {
    fault ??= error;
  });
  const closed = new Promise<SessionEnd>((resolve) => {
    client.once('close', () =>
      resolve({
        reason: wordsFor(fault),
        isByBroker: isEndedByBroker || isClosedByBroker(fault) || isUnreadableAnswer(fault),
        isByRefusal: isUnreadableAnswer(fault),
        isTakenOver,
      }),
    );
  });
  const { answerTimeoutMs } = options;
  const overdue = (what: 'publish' | 'subscription'): void => {
    const seconds = Math.round(answerTimeoutMs / 1000);
    fault ??= new Error(`the broker did not acknowledge a ${what} within ${seconds} s`);
    socket.destroy();
  };
  const ending = (): void => {
    fault ??= new Error('this side ended it');
  };
  const limits = await new Promise<BrokerLimits>((resolve, reject) => {
    client.once('connect', ({ properties }) =>
      resolve({
        receiveMaximum:
          properties?.receiveMaximum ?? (options.version === '5' ? 65_535 : unstatedReceiveMaximum),
        maximumQos: properties?.maximumQoS === 0 ? 0 : properties?.maximumQoS === 1 ? 1 : 2,
        retainAvailable: properties?.retainAvailable ?? true,
        maximumPacketBytes: properties?.maximumPacketSize ?? 268_435_455,
        topicAliases: options.version === '5' ? (properties?.topicAliasMaximum ?? 0) : 0,
      }),
    );
    client.once('close', () =>
      reject(new ConnectRefusedError(wordsFor(fault), codeOf(fault), isClosedByBroker(fault))),
    );
  });
  isOpen = true;
  return { client, packets, limits, closed, answers, unasked, overdue, ending };
}
