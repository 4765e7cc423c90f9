/** The devices of the test: a fleet of simulated ones, and a daemon with a sensor and a model. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { project } from './cluster-root.mjs';

const cli = join(project, 'dist/cli.js');

/** Devices that are started together and stopped together. */
export class Devices {
  /** The names of those of the fleet, and of the daemon. */
  names;
  #folder = mkdtempSync(join(tmpdir(), 'lstmd-cluster-'));
  #processes = [];
  #fleet;
  #totals = '';
  #daemon;

  /**
   * @param urls of the nodes; the daemon begins with the first
   * @param fleet how many are simulated, at QoS 1
   * @param qos of the daemon's records
   */
  constructor(urls, fleet, qos) {
    const digits = String(fleet).length;
    this.names = Array.from(
      { length: fleet },
      (_, n) => `fleet-${String(n + 1).padStart(digits, '0')}`,
    ).concat('daemon');
    const brokers = urls.flatMap((url) => ['--broker', url]);
    this.#fleet = this.#spawn([
      'simulate',
      '--fleet',
      String(fleet),
      '--rate-hz',
      '4',
      '--keep',
      '--json',
      ...brokers,
    ]);
    this.#fleet.stdout.on('data', (text) => (this.#totals += text));
    const link = join(this.#folder, 'sensor');
    this.#spawn(['simulate', '--link', link]);
    const config = {
      device: 'daemon',
      stateDirectory: join(this.#folder, 'state'),
      mqtt: { url: urls, qos },
      streams: {
        wearer: {
          sensor: { link, rateHz: 26, axes: ['x', 'y', 'z'] },
          model: {
            file: join(project, 'examples/running/running.keras'),
            labels: ['running'],
            mode: 'continuous',
          },
        },
      },
    };
    const file = join(this.#folder, 'lstmd.json');
    writeFileSync(file, JSON.stringify(config));
    this.#daemon = this.#spawn(['run', '-c', file]);
  }

  /** Stops them; returns the accounts of the fleet, and the last line of the daemon's log. */
  async stop() {
    for (const child of [this.#fleet, this.#daemon]) {
      const close = once(child, 'close');
      child.kill('SIGTERM');
      await close;
    }
    return { fleet: JSON.parse(this.#totals), stopped: this.#lastLine() };
  }

  /** Ends what still runs. */
  remove() {
    for (const child of this.#processes) {
      child.kill('SIGKILL');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #lastLine() {
    return readFileSync(join(this.#folder, 'log'), 'utf8').trimEnd().split('\n').at(-1);
  }

  #spawn(args) {
    const child = spawn(process.execPath, [cli, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.on('data', (text) =>
      writeFileSync(join(this.#folder, 'log'), text, { flag: 'a' }),
    );
    this.#processes.push(child);
    return child;
  }
}
