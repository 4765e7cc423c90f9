import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { Finding } from './finding.js';
import { fileFindings, type ServedFile } from './served-files.js';
import type { Service } from './service.js';

/** A unit that leaves more open than this was loosened: the shipped one has 1.2. */
const mostExposure = 2;

/**
 * Judges the service that is to run a configuration.
 *
 * @param service what systemd tells of it; null where it has no such unit
 * @param hosts those of the broker and of sensors on the network
 * @param files those that the service must read
 */
export async function serviceFindings(
  service: Service | null,
  hosts: readonly string[],
  files: readonly ServedFile[],
): Promise<readonly Finding[]> {
  const what = 'service';
  if (service === null) {
    const fix = 'install the Debian package, or copy deploy/lstmd.service; see docs/install.md';
    return [{ what, verdict: 'missing', detail: 'there is no unit of lstmd', fix }];
  }
  const { unit, isEnabled, activity, exposure } = service;
  const open = exposure === null ? '' : `, exposure ${exposure} of 10`;
  const detail = `${unit} is ${activity}, ${isEnabled ? 'enabled' : 'not enabled'}${open}`;
  return [
    activity === 'failed'
      ? { what, verdict: 'warning', detail, fix: `journalctl -b -u ${unit} -n 30 says why` }
      : exposure !== null && exposure > mostExposure
        ? { what, verdict: 'warning', detail, fix: `"systemctl cat ${unit}" shows which drop-in` }
        : isEnabled
          ? { what, verdict: 'ok', detail }
          : { what, verdict: 'missing', detail, fix: `sudo systemctl enable --now ${unit}` },
    ...(await reachFindings(service, hosts)),
    ...(await fileFindings(unit, files)),
  ];
}

/** A host that the service is forbidden to reach, whatever this command could. */
async function reachFindings(
  { unit, reachable }: Service,
  hosts: readonly string[],
): Promise<Finding[]> {
  if (reachable === undefined) {
    return [];
  }
  const allowed = prefixList(reachable);
  const findings: Finding[] = [];
  for (const host of new Set(hosts)) {
    const found = await lookup(host, { all: true }).catch(() => []);
    const kept = found.filter(({ address, family }) => !allowed.check(address, typeOf(family)));
    const [first] = kept;
    if (first !== undefined && kept.length === found.length) {
      const detail = `${unit} may not reach ${host} (${first.address})`;
      const fix = `sudo systemctl edit ${unit}, with [Service] and IPAddressAllow=${first.address}${isIP(host) === 0 ? ", and another with the name server's" : ''}`;
      findings.push({ what: 'network', verdict: 'warning', detail, fix });
    }
  }
  return findings;
}

function prefixList(prefixes: readonly string[]): BlockList {
  const list = new BlockList();
  for (const prefix of prefixes) {
    const [address = '', bits] = prefix.split('/');
    const family = isIP(address);
    if (family !== 0) {
      list.addSubnet(address, Number(bits ?? (family === 6 ? 128 : 32)), typeOf(family));
    }
  }
  return list;
}

function typeOf(family: number): 'ipv4' | 'ipv6' {
  return family === 6 ? 'ipv6' : 'ipv4';
}
