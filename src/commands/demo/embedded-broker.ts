import { createServer, type AddressInfo, type Server } from 'node:net';
import { Aedes } from 'aedes';

/** An MQTT broker inside the process, on loopback only: the demo asks for nothing to be installed. */
export class EmbeddedBroker {
  #aedes: Aedes | undefined;
  #server: Server | undefined;

  /**
   * @param preferredPort taken when it is free, else any
   * @returns the port it listens on
   */
  async start(preferredPort: number): Promise<number> {
    const aedes = await Aedes.createBroker();
    const server = createServer((socket) => {
      aedes.handle(socket);
    });
    this.#aedes = aedes;
    this.#server = server;
    await listen(server, preferredPort).catch(() => listen(server, 0));
    return (server.address() as AddressInfo).port;
  }

  /** Calls back with every message that passes the broker. */
  subscribe(filter: string, onMessage: (topic: string, payload: string) => void): void {
    this.#aedes?.subscribe(
      filter,
      (packet, done) => {
        onMessage(packet.topic, packet.payload.toString());
        done();
      },
      () => {},
    );
  }

  async stop(): Promise<void> {
    const [aedes, server] = [this.#aedes, this.#server];
    this.#aedes = undefined;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      if (aedes === undefined) {
        resolve();
      } else {
        aedes.close(resolve);
      }
    });
    await new Promise<void>((resolve) => {
      if (server === undefined) {
        resolve();
      } else {
        server.close(() => resolve());
      }
    });
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
