import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { socketFarEnd, type SocketFarEnd } from '../reconnecting/socket-far-end.js';
import type { TcpAddress } from './address.js';

/** A server that does not answer for so long is not there. */
const connectMs = 5000;
/** A connection whose other side is gone without a word is noticed so soon, where no silence is noticed before. */
const keepAliveMs = 15_000;

/**
 * Connects to a server.
 *
 * @throws Error in the words of the system, or of what aborted it
 */
export async function connect(
  { host, port }: TcpAddress,
  signal: AbortSignal,
): Promise<SocketFarEnd> {
  const farEnd = socketFarEnd((onread) =>
    connectSocket({
      host,
      port,
      onread,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
    }),
  );
  const limit = AbortSignal.timeout(connectMs);
  try {
    await once(farEnd.socket, 'connect', { signal: AbortSignal.any([signal, limit]) });
    return farEnd;
  } catch (error) {
    await farEnd.close();
    throw limit.aborted
      ? new Error(`${host}:${port} does not answer within ${connectMs / 1000} s`, { cause: error })
      : error;
  }
}
