import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet';

/** One client's connection to a broker that a test plays. */
export class ScriptedConnection {
  readonly socket: Socket;
  /** From 1, in the order in which they came. */
  readonly number: number;
  /** Undefined before the CONNECT. */
  connect: IConnectPacket | undefined;

  constructor(socket: Socket, number: number) {
    this.socket = socket;
    this.number = number;
  }

  send(packet: Packet): void {
    const protocolVersion = this.connect?.protocolVersion ?? 5;
    this.socket.write(generate(packet, { protocolVersion }));
  }

  /** Answers a packet as a broker does that takes everything; `reasonCode` is for a PUBLISH. */
  accept(packet: Packet, reasonCode = 0): void {
    const { messageId = 0 } = packet;
    switch (packet.cmd) {
      case 'connect':
        this.send({ cmd: 'connack', reasonCode: 0, returnCode: 0, sessionPresent: false });
        break;
      case 'pingreq':
        this.send({ cmd: 'pingresp' });
        break;
      case 'publish':
        if (packet.qos > 0) {
          this.send({ cmd: packet.qos === 1 ? 'puback' : 'pubrec', messageId, reasonCode });
        }
        break;
      case 'subscribe':
        this.send({
          cmd: 'suback',
          messageId,
          granted: packet.subscriptions.map(({ qos }) => qos),
        });
        break;
      case 'pubrel':
        this.send({ cmd: 'pubcomp', messageId });
        break;
      case 'disconnect':
        this.socket.end();
        break;
      default:
        break;
    }
  }
}

/** Told of each packet that a client sends. */
export type Script = (packet: Packet, connection: ScriptedConnection) => void;

/** A broker on the loopback whose every answer a test decides. */
export class ScriptedBroker {
  readonly connections: ScriptedConnection[] = [];
  readonly #server: Server;

  private constructor(script: Script) {
    this.#server = createServer((socket) => {
      const connection = new ScriptedConnection(socket, this.connections.length + 1);
      this.connections.push(connection);
      socket.on('error', () => socket.destroy());
      let packets = parser();
      const read = (packet: Packet): void => {
        if (packet.cmd === 'connect') {
          connection.connect = packet;
          // The parser learns the version from its options alone.
          packets = parser({ protocolVersion: packet.protocolVersion ?? 4 });
          packets.on('packet', read);
        }
        script(packet, connection);
      };
      packets.on('packet', read);
      socket.on('data', (chunk) => packets.parse(chunk));
    });
  }

  static async start(script: Script): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker(script);
    await once(broker.#server.listen(0, '127.0.0.1'), 'listening');
    return broker;
  }

  get url(): string {
    const address = this.#server.address();
    return typeof address === 'object' ? `mqtt://127.0.0.1:${address?.port ?? 0}` : '';
  }

  async stop(): Promise<void> {
    for (const { socket } of this.connections) {
      socket.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
