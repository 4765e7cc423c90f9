import { getServers } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { mkdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname } from 'node:path';
import { LstmdError, reasonOf } from '../../base/errors.js';
import { hostOfUrl } from '../../base/url-host.js';

/**
 * Writes the drop-in; its folder, which no unit has before its first drop-in, is made.
 *
 * @throws LstmdError `output.write` with the file, and why it was not written
 */
export async function writeDropIn(path: string, brokerUrl: string): Promise<void> {
  try {
    const text = await dropInText(brokerUrl);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    throw new LstmdError(
      'output.write',
      `cannot write ${path}, without which the service does not reach ${brokerUrl}: ${reasonOf(cause)}`,
      { cause },
    );
  }
}

/**
 * The text of a systemd drop-in that lets the service reach a broker: its addresses, and the name servers where it is
 * given by name.
 *
 * @throws Error in the words of the system where the name has no address
 */
export async function dropInText(brokerUrl: string): Promise<string> {
  const host = hostOfUrl(new URL(brokerUrl));
  const found = await lookup(host, { all: true });
  const servers = isIP(host) === 0 ? getServers().map(withoutPort) : [];
  const addresses = [...new Set([...found.map(({ address }) => address), ...servers])];
  return [
    `# Lets lstmd reach the broker ${host}${servers.length === 0 ? '' : ', and the name servers that know its address'}.`,
    '# To be copied to /etc/systemd/system/lstmd.service.d/, then: systemctl daemon-reload && systemctl restart lstmd',
    '[Service]',
    ...addresses.map((address) => `IPAddressAllow=${address}`),
    '',
  ].join('\n');
}

/** A server as `getServers` gives it, of which one of IPv6 with a port stands in brackets. */
function withoutPort(server: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(server)?.[1];
  return bracketed ?? (isIP(server) === 0 ? server.replace(/:\d+$/, '') : server);
}
