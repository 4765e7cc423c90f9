/** The host of a URL as the system's calls take it: an IPv6 address is in brackets in a URL and nowhere else. */
export function hostOfUrl({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** A host, with its port, as it stands in a URL. */
export function urlHost(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
