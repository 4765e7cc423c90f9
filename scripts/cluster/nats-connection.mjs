/** As much of the NATS protocol as a consumer of a JetStream needs: https://docs.nats.io/reference/reference-protocols */
import { once } from 'node:events';
import { connect } from 'node:net';

const lineEnd = '\r\n';

/** A connection to one node of NATS. */
export class NatsConnection {
  #socket;
  #bytes = Buffer.alloc(0);
  /** The takers of messages, by the number of their subscription. */
  #takers = new Map();
  #subscriptions = 0;
  #inbox = `_INBOX.${process.pid}.${Math.random().toString(36).slice(2)}`;
  #requests = 0;

  static async open(port) {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new NatsConnection(socket);
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => {});
    const options = { verbose: false, headers: true, no_responders: true };
    socket.write(`CONNECT ${JSON.stringify(options)}${lineEnd}`);
  }

  /** @param take called with each message: its subject, reply subject and payload */
  subscribe(subject, take) {
    this.#subscriptions += 1;
    this.#takers.set(String(this.#subscriptions), take);
    this.#socket.write(`SUB ${subject} ${this.#subscriptions}${lineEnd}`);
  }

  publish(subject, payload, reply = '') {
    const bytes = Buffer.byteLength(payload);
    const head = reply === '' ? `PUB ${subject} ${bytes}` : `PUB ${subject} ${reply} ${bytes}`;
    this.#socket.write(`${head}${lineEnd}${payload}${lineEnd}`);
  }

  /** Resolves with the JSON of the answer. */
  request(subject, value) {
    this.#requests += 1;
    const reply = `${this.#inbox}.${this.#requests}`;
    return new Promise((resolve) => {
      this.subscribe(reply, ({ payload }) => resolve(JSON.parse(payload.toString() || '{}')));
      this.publish(subject, JSON.stringify(value), reply);
    });
  }

  close() {
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const end = this.#bytes.indexOf(lineEnd);
      if (end < 0) {
        return;
      }
      const [verb, ...words] = this.#bytes.toString('latin1', 0, end).split(' ');
      let size = end + 2;
      if (verb === 'MSG' || verb === 'HMSG') {
        const bytes = Number(words.at(-1));
        if (this.#bytes.length < size + bytes + 2) {
          return;
        }
        const headerBytes = verb === 'HMSG' ? Number(words.at(-2)) : 0;
        const counts = verb === 'HMSG' ? 2 : 1;
        const [subject, subscription, reply] = words.slice(0, -counts);
        const headers = this.#bytes.toString('latin1', size, size + headerBytes);
        const payload = this.#bytes.subarray(size + headerBytes, size + bytes);
        size += bytes + 2;
        this.#takers.get(subscription)?.({ subject, reply, headers, payload });
      } else if (verb === 'PING') {
        this.#socket.write(`PONG${lineEnd}`);
      }
      this.#bytes = this.#bytes.subarray(size);
    }
  }
}
