/** Says where a server listens. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `scheme://host:port`; undefined where it is not just that. */
export function tcpAddress(address: string): TcpAddress | undefined {
  const match = /^[a-z0-9]+:\/\/(\[[0-9a-f:.%]+\]|[^[\]/:@?#\s]+):(\d{1,5})\/?$/i.exec(address);
  const [, host = '', port = ''] = match ?? [];
  const number = Number(port);
  return match === null || number < 1 || number > 65_535
    ? undefined
    : { host: host.replaceAll(/[[\]]/g, ''), port: number };
}

/** Returns what is wrong with an address; undefined where nothing is. */
export function tcpAddressFault(address: string): string | undefined {
  return tcpAddress(address) === undefined
    ? 'must have a host and a port and nothing else, as in tcp://192.0.2.7:4001'
    : undefined;
}
