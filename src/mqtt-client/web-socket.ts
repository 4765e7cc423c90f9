import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { urlHost } from '../base/url-host.js';
import type { BrokerAddress } from './broker-address.js';

/**
 * Opens a WebSocket for MQTT on a connection.
 *
 * @param socket connected to the server, over TLS where the address says so; it is the WebSocket's from now on
 * @returns the bytes of MQTT, whatever frames they come in
 * @throws Error with what is in the way
 */
export async function openWebSocket(
  socket: Socket,
  { host, port, tls, webSocketPath = '/' }: BrokerAddress,
  signal: AbortSignal,
): Promise<Duplex> {
  // Loaded only by whoever connects so.
  const { WebSocket, createWebSocketStream } = await import('ws');
  const url = `${tls ? 'wss' : 'ws'}://${urlHost(host, port)}${webSocketPath}`;
  const webSocket = new WebSocket(url, 'mqtt', {
    createConnection: () => socket,
    perMessageDeflate: false,
  });
  const stream = createWebSocketStream(webSocket);
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      webSocket.terminate();
      reject(signal.reason instanceof Error ? signal.reason : new Error('no answer'));
    };
    signal.addEventListener('abort', abort);
    // This listener stays: without one, an error that comes later would end the process.
    stream.on('error', reject);
    webSocket.once('open', () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    if (signal.aborted) {
      abort();
    }
  });
  return stream;
}
