import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * Returns whether a browser may ask under this name. A hostile page can have its own name lead to this address (DNS
 * rebinding), and would then read everything as if it were of the same origin; it cannot do so with a plain address, or with
 * a name that it does not own.
 *
 * @param header the `Host` of a request
 * @param hosts names that the configuration allows beside those that are always good
 */
export function isKnownHost(header: string | undefined, hosts: readonly string[]): boolean {
  const name = hostOf(header);
  if (name === undefined) {
    return false;
  }
  const own = hostname().toLowerCase();
  const known = ['localhost', own, `${own}.local`, ...hosts.map((host) => host.toLowerCase())];
  return isIP(name) !== 0 || known.includes(name);
}

/** The name or the address of a `Host` without its port; undefined where it is none. */
function hostOf(header: string | undefined): string | undefined {
  const [, bracketed, plain] =
    /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@]+))(?::\d+)?$/i.exec(header ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase();
}

/** Returns whether a request comes from a page of this server, or from no page at all. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}
