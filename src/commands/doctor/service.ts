import { execFile } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';

/** Holds what systemd tells of the service of a configuration. */
export interface Service {
  readonly unit: string;
  readonly isEnabled: boolean;
  /** As `systemctl is-active` has it: active, inactive, failed ... */
  readonly activity: string;
  /** Tells how much the unit leaves open, from 0 to 10; null where systemd does not judge it. */
  readonly exposure: number | null;
  /** Prefixes that it may talk with, such as 127.0.0.0/8; undefined where nothing is forbidden. */
  readonly reachable: readonly string[] | undefined;
}

const execute = promisify(execFile);
const timeoutMs = 20_000;

/** The service that would run a configuration: `/etc/lstmd/NAME.yaml` is that of the instance NAME. */
export function unitOf(config: string | undefined): string {
  const name = config === undefined ? 'lstmd' : basename(config, '.yaml');
  return config === undefined || name === 'lstmd' || dirname(config) !== '/etc/lstmd'
    ? 'lstmd.service'
    : `lstmd@${name}.service`;
}

/** Asks systemd; undefined where there is no systemd, `null` where it has no such unit. */
export async function serviceNow(unit: string): Promise<Service | null | undefined> {
  const names = ['LoadState', 'UnitFileState', 'ActiveState', 'IPAddressAllow', 'IPAddressDeny'];
  const text = await outputOf('systemctl', ['show', unit, `--property=${names.join(',')}`]);
  if (text === undefined) {
    return undefined;
  }
  const properties = new Map(
    text.split('\n').map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name, value.join('=')] as const;
    }),
  );
  if (properties.get('LoadState') !== 'loaded') {
    return null;
  }
  const report = await outputOf('systemd-analyze', ['--no-pager', 'security', unit]);
  const exposure = /exposure level for .*: ([\d.]+)/.exec(report ?? '')?.[1];
  const forbids = (properties.get('IPAddressDeny') ?? '') !== '';
  return {
    unit,
    isEnabled: properties.get('UnitFileState') === 'enabled',
    activity: properties.get('ActiveState') ?? 'unknown',
    exposure: exposure === undefined ? null : Number(exposure),
    reachable: forbids
      ? (properties.get('IPAddressAllow') ?? '').split(' ').filter((prefix) => prefix !== '')
      : undefined,
  };
}

async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  return execute(program, [...args], {
    timeout: timeoutMs,
    env: { ...process.env, LC_ALL: 'C' },
  }).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
}
