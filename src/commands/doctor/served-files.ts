import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StreamConfig } from '../../agent/config-schema.js';
import type { SecretOption } from '../../agent/prepared-publisher.js';
import type { Finding } from './finding.js';

/** A file that the service must read; of a secret, the option that names it. */
export type ServedFile = SecretOption | { readonly path: string };

interface Obstacle {
  readonly detail: string;
  readonly fix: string;
}

/** `dialout`, which the unit adds to the groups of the service's own user. */
const addedGroup = 20;
/** The service's own, which nobody else can pass through. */
const stateDirectory = /^[/]var[/]lib[/](private[/])?lstmd(-[^/]+)?$/;
const toRead = 0o4;
const toPass = 0o1;

/** The files that the `model` section of a stream names. */
export function modelFiles({ file, verify, score, heads = {}, drift }: StreamConfig['model']) {
  const scores = [score, ...Object.values(heads).map((head) => head.score)];
  const paths = [file, verify, drift.reference, ...scores.map((each) => each?.distribution)];
  return paths.flatMap((path) => (path === undefined ? [] : [{ path }]));
}

/** Judges whether the service, which has a user of its own, can read what its configuration names. */
export async function fileFindings(
  unit: string,
  files: readonly ServedFile[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const file of new Map(files.map((each) => [each.path, each])).values()) {
    const obstacle = await obstacleTo(file.path);
    if (obstacle !== undefined) {
      const fix = 'credential' in file ? credentialFix(unit, file) : obstacle.fix;
      findings.push({ what: 'service', verdict: 'warning', detail: obstacle.detail, fix });
    }
  }
  return findings;
}

function credentialFix(unit: string, { path, option, credential }: SecretOption): string {
  return `sudo systemctl edit ${unit}, with [Service] and LoadCredential=${credential}:${path}, and no ${option} in the configuration`;
}

/** Returns why the service cannot read a file; undefined where it can, and where there is none, which is told elsewhere. */
async function obstacleTo(path: string): Promise<Obstacle | undefined> {
  if (/^[/](home|root|run[/]user)[/]/.test(path)) {
    return {
      detail: `${path} is hidden from the service, as all home directories are`,
      fix: `sudo cp "${path}" /etc/lstmd/ and name it there`,
    };
  }
  try {
    let owner: number | undefined;
    for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
      if (stateDirectory.test(folder)) {
        owner = (await stat(folder)).uid;
        break;
      }
      if (!(await allows(folder, toPass))) {
        return { detail: closed(folder), fix: `sudo chmod a+x "${folder}"` };
      }
    }
    const isOpen = await allows(path, toRead, owner);
    return isOpen ? undefined : { detail: closed(path), fix: `sudo chmod a+r "${path}"` };
  } catch {
    return undefined;
  }
}

function closed(what: string): string {
  return `${what} is closed to the service's own user`;
}

/** @param owner the service's own user, where it is known */
async function allows(path: string, right: number, owner?: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const groupRight = gid === addedGroup ? right << 3 : 0;
  const ownRight = uid === owner ? right << 6 : 0;
  return (mode & (right | groupRight | ownRight)) !== 0;
}
