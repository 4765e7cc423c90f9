import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy on the loopback whose connections a test can cut. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Bytes that a connection lets through to the broker before it breaks. */
  limitBytes = Infinity;
  cuts = 0;

  constructor(brokerPort: number) {
    this.#server = createServer((near) => {
      const far = connect(brokerPort, '127.0.0.1');
      let bytes = 0;
      near.on('data', (chunk) => {
        bytes += chunk.length;
        if (bytes > this.limitBytes) {
          this.cuts += 1;
          near.resetAndDestroy();
          far.destroy();
        }
      });
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          other.destroy();
          this.#sockets.delete(one);
        });
      }
    });
  }

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  get url(): string {
    const address = this.#server.address();
    return typeof address === 'object' ? `mqtt://127.0.0.1:${address?.port ?? 0}` : '';
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
