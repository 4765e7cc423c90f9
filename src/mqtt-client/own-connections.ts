import type { IClientOptions } from './library.js';

/** Options of a client whose owner keeps the connections, and what waits for one, itself. */
export const ownConnections = {
  reconnectPeriod: 0,
  queueQoSZero: false,
  resubscribe: false,
  timerVariant: 'native',
  // The client's cache of all 65,536 packet ids as buffers takes megabytes to save nanoseconds.
  writeCache: false,
  // The client's debug output would hold the password.
  log: () => {},
} as const satisfies IClientOptions;
