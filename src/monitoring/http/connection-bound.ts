import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds the connections of a server so that whoever asks is answered, however many others hold connections open and ask
 * nothing: for each that is too many, the one that has waited longest without a whole request is closed.
 */
export function boundConnections(server: Server, most: number): void {
  const bound = new ConnectionBound(most);
  server.on('connection', (socket) => bound.opened(socket));
  server.prependListener('request', (request, response) => bound.asked(request, response));
}

class ConnectionBound {
  readonly #most: number;
  /** The connections without a whole request, the one that has waited longest first. */
  readonly #idle = new Set<Socket>();
  #busy = 0;

  constructor(most: number) {
    this.#most = most;
  }

  opened(socket: Socket): void {
    if (this.#busy >= this.#most) {
      socket.destroy();
      return;
    }
    this.#idle.add(socket);
    socket.once('close', () => this.#idle.delete(socket));
    if (this.#idle.size + this.#busy > this.#most) {
      const [oldest] = this.#idle;
      oldest?.destroy();
    }
  }

  /** From a whole request to the end of its answer a connection is not closed for others. */
  asked(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    let isBusy = false;
    const whole = (): void => {
      if (this.#idle.delete(socket)) {
        isBusy = true;
        this.#busy += 1;
      }
    };
    if (
      request.headers['content-length'] === undefined &&
      request.headers['transfer-encoding'] === undefined
    ) {
      whole();
    } else {
      request.once('end', whole);
    }
    response.once('close', () => {
      // The end of a body that nobody has read comes behind its answer.
      request.off('end', whole);
      if (isBusy) {
        this.#busy -= 1;
        if (!socket.destroyed) {
          this.#idle.add(socket);
        }
      }
    });
  }
}
