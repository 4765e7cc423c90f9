import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measured, RigSetup } from '#src/commands/bench/agent/agent-rig.js';

/** A program that brings lines of a tty to a broker. */
export interface Peer extends Measured {
  readonly name: string;
}

const script = fileURLToPath(new URL('script.js', import.meta.url));
const floorSource = fileURLToPath(
  new URL('../../../../bench/agent/peers/floor.c', import.meta.url),
);

function scriptPeer(name: string, reader: 'serialport' | 'tty'): Peer {
  return {
    name,
    spawn: ({ link, url, topic }) => start(process.execPath, [script, reader, link, url, topic]),
  };
}

/**
 * The peers in the order of the table: the script that a user would write comes first, and is the measure.
 *
 * @param directory where the floor is compiled to; without a C compiler it is left out
 */
export function peersOf(directory: string): Peer[] {
  const peers = [scriptPeer('serialport script', 'serialport'), scriptPeer('tty script', 'tty')];
  const floor = join(directory, 'floor');
  try {
    execFileSync('cc', ['-O2', '-o', floor, floorSource], { stdio: 'ignore' });
  } catch {
    process.stderr.write('C floor: not measured: there is no C compiler\n');
    return peers;
  }
  return [
    ...peers,
    {
      name: 'C floor',
      spawn: ({ link, url, topic }: RigSetup) => start(floor, [link, new URL(url).port, topic]),
    },
  ];
}

function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
