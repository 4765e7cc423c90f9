import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LstmdError } from '../../base/errors.js';
import type { DemoBroker } from './demo-broker.js';

/** Debian installs it into a folder that is on the PATH of root alone. */
const systemFolders = ['/usr/sbin', '/usr/local/sbin'];
const startTimeoutMs = 10_000;
const retryMs = 20;

/** The path of an installed Mosquitto; null where there is none. */
export function findMosquitto(
  folders: readonly string[] = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders],
): string | null {
  const paths = folders.map((folder) => join(folder, 'mosquitto'));
  return paths.find(isExecutable) ?? null;
}

/** A Mosquitto on loopback with a configuration of its own, ended with this process. */
export class Mosquitto implements DemoBroker {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(url: string, child: ChildProcess, directory: string) {
    this.url = url;
    this.#process = child;
    this.#directory = directory;
  }

  /**
   * @param preferredPort taken when it is free; otherwise, and for 0, any free port is
   * @throws LstmdError `publish.unavailable` when it does not start
   */
  static async start(program: string, preferredPort: number): Promise<Mosquitto> {
    const port = await freePort(preferredPort).catch(() => freePort(0));
    const directory = mkdtempSync(join(tmpdir(), 'lstmd-mosquitto-'));
    const file = join(directory, 'mosquitto.conf');
    writeFileSync(
      file,
      `listener ${port} 127.0.0.1\nallow_anonymous true\nuser ${userInfo().username}\n`,
    );
    // In a process group of its own: the Ctrl-C that ends the demo must not end the broker first.
    const child = spawn(program, ['-c', file], { stdio: 'ignore', detached: true });
    const broker = new Mosquitto(`mqtt://127.0.0.1:${port}`, child, directory);
    process.once('exit', broker.#kill);
    await broker.#ready(port).catch(async (cause: unknown) => {
      await broker.stop();
      throw new LstmdError('publish.unavailable', `${program} does not start`, { cause });
    });
    return broker;
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    const child = this.#process;
    if (isRunning(child)) {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Mosquitto says nowhere that it is ready, so connecting to it is tried until it answers. */
  async #ready(port: number): Promise<void> {
    let failure: Error | undefined;
    this.#process.once('error', (error) => {
      failure = error;
    });
    const endMs = performance.now() + startTimeoutMs;
    while (!(await accepts(port))) {
      if (failure !== undefined) {
        throw failure;
      }
      if (!isRunning(this.#process)) {
        throw new Error(`it ended with exit code ${this.#process.exitCode ?? 'none'}`);
      }
      if (performance.now() > endMs) {
        throw new Error(`no answer on port ${port} within ${startTimeoutMs / 1000} s`);
      }
      await sleep(retryMs);
    }
  }

  readonly #kill = (): void => {
    this.#process.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The port itself, or any that is free for 0. */
async function freePort(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
