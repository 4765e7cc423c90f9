import { createServer, type AddressInfo, type Server } from 'node:net';
import type { Aedes } from 'aedes';
import { errorCode, LstmdError } from '../../base/errors.js';
import type { DemoBroker } from './demo-broker.js';

/** An MQTT broker inside the process, on loopback only. It needs aedes, a development dependency. */
export class EmbeddedBroker implements DemoBroker {
  readonly url: string;
  readonly #aedes: Aedes;
  readonly #server: Server;

  private constructor(url: string, aedes: Aedes, server: Server) {
    this.url = url;
    this.#aedes = aedes;
    this.#server = server;
  }

  /**
   * @param preferredPort taken when it is free; otherwise, and for 0, any port is
   * @throws LstmdError `usage.invalid` where aedes is not installed
   */
  static async start(preferredPort: number): Promise<EmbeddedBroker> {
    const broker = await EmbeddedBroker.startIfInstalled(preferredPort);
    if (broker === null) {
      throw new LstmdError('usage.invalid', 'aedes is not installed; run: npm ci');
    }
    return broker;
  }

  /** Starts one, or gives null where aedes is not installed. */
  static async startIfInstalled(preferredPort: number): Promise<EmbeddedBroker | null> {
    const library = await loadAedes();
    if (library === null) {
      return null;
    }
    const aedes = await library.Aedes.createBroker();
    const server = createServer((socket) => {
      aedes.handle(socket);
    });
    await listen(server, preferredPort).catch(() => listen(server, 0));
    const { port } = server.address() as AddressInfo;
    return new EmbeddedBroker(`mqtt://127.0.0.1:${port}`, aedes, server);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#aedes.close(resolve);
    });
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

async function loadAedes(): Promise<typeof import('aedes') | null> {
  try {
    return await import('aedes');
  } catch (error) {
    if (errorCode(error) === 'ERR_MODULE_NOT_FOUND') {
      return null;
    }
    throw error;
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
