/** Says where a server listens: an address of this machine, and a port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** True where nobody but this machine can reach it. */
  readonly isLoopback: boolean;
}

/**
 * Reads `host:port`, with an IPv6 address in brackets: `127.0.0.1:9464`, `[::1]:9464`, `0.0.0.0:9464`.
 *
 * @returns undefined where the text is none; a name other than `localhost` counts as reachable from elsewhere
 */
export function listenAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/]+)):(\d+)$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    return undefined;
  }
  return { host, port, isLoopback: /^(127(\.\d{1,3}){3}|::1|localhost)$/i.test(host) };
}
