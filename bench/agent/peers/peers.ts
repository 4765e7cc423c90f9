import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measured } from '#src/commands/bench/agent/agent-rig.js';
import { seedModel } from '#src/commands/bench/kernel/seed-model.js';
import { onnxModel } from '../../kernel/onnx-peer.js';

/** A program that brings lines of a tty to a broker. */
export interface Peer extends Measured {
  readonly name: string;
}

const script = fileURLToPath(new URL('script.js', import.meta.url));
const sources = new URL('../../../../bench/agent/peers/', import.meta.url);
const floorSource = fileURLToPath(new URL('floor.c', sources));
const stepperSource = fileURLToPath(new URL('stepper.py', sources));

function scriptPeer(name: string, reader: 'serialport' | 'tty'): Peer {
  return {
    name,
    spawn: ({ link, url, topic }) => start(process.execPath, [script, reader, link, url, topic]),
  };
}

/** The same as a compiled program; undefined without a C compiler. */
function floorPeer(directory: string): Peer | undefined {
  const floor = join(directory, 'floor');
  try {
    execFileSync('cc', ['-O2', '-o', floor, floorSource], { stdio: 'ignore' });
  } catch {
    process.stderr.write('C floor: not measured: there is no C compiler\n');
    return undefined;
  }
  return {
    name: 'C floor',
    spawn: ({ link, url, topic }) => start(floor, [link, new URL(url).port, topic]),
  };
}

/** The one peer with a model; undefined where the Python of `BENCH_PYTHON` has not what it needs. */
function pythonPeer(directory: string): Peer | undefined {
  const python = process.env['BENCH_PYTHON'] ?? 'python3';
  try {
    execFileSync(python, ['-c', 'import numpy, onnxruntime, paho.mqtt.client'], {
      stdio: 'ignore',
    });
  } catch {
    process.stderr.write(
      'Python + onnxruntime: not measured: pip install onnxruntime paho-mqtt, in an environment whose python BENCH_PYTHON names\n',
    );
    return undefined;
  }
  const model = join(directory, 'seed.onnx');
  writeFileSync(model, onnxModel(seedModel(null)));
  return {
    name: 'Python + onnxruntime',
    spawn: ({ link, url, topic }) =>
      start(python, [stepperSource, model, link, new URL(url).port, topic]),
  };
}

/**
 * The peers in the order of the table: the script that a user would write comes first, and is the measure.
 *
 * @param directory for what is compiled and written; what cannot run here is left out, and said on stderr
 */
export function peersOf(directory: string): Peer[] {
  const others = [floorPeer(directory), pythonPeer(directory)];
  return [
    scriptPeer('serialport script', 'serialport'),
    scriptPeer('tty script', 'tty'),
    ...others.filter((peer) => peer !== undefined),
  ];
}

function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
