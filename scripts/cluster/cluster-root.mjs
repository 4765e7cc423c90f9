/** A root of Debian 13 with the servers of the clusters, made once in build/roots, and the nodes that run in it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isInstalled } from '../build-tools.mjs';
import { debootstrap, makeOnce } from '../package/debian-root.mjs';
import { run } from '../run.mjs';

export const project = fileURLToPath(new URL('../..', import.meta.url));
const root = join(project, 'build/roots/trixie.cluster');
/** Within the root: configurations, data and logs of the nodes. */
const nodesFolder = '/var/lib/cluster';

/** Returns why no such root can be used here; null where one can. */
export function rootObstacle() {
  if (process.getuid?.() !== 0) {
    return 'a root of its own needs the rights of root: run it with sudo';
  }
  return isInstalled('debootstrap')
    ? null
    : 'debootstrap not found; run: sudo apt-get install -y debootstrap';
}

/** Makes the root where it is absent, which takes minutes. */
export function makeRoot() {
  makeOnce(root, (unfinished) => {
    process.stderr.write(`lstmd: making a root of Debian 13 in ${root}, which takes minutes\n`);
    debootstrap(unfinished, 'trixie', ['ca-certificates']);
    // Packages must not start their servers.
    writeFileSync(join(unfinished, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', {
      mode: 0o755,
    });
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
    const apt = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends'];
    run(['chroot', unfinished, ...apt, 'nats-server', 'rabbitmq-server', 'python3-pika'], { env });
  });
}

/** Starts a program within the root; its output is to be read. */
export function startInRoot(command) {
  return spawn('chroot', [root, ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Removes what the nodes of an earlier run have left. */
export function emptyNodes() {
  rmSync(join(root, nodesFolder), { recursive: true, force: true });
  mkdirSync(join(root, nodesFolder), { recursive: true });
}

/** A process of a server within the root, which can be killed and started again on its data. */
export class Node {
  /** The folder of the node within the root. */
  folder;
  #command;
  #env;
  #port;
  #process;

  /**
   * @param name unique among the nodes
   * @param port of its MQTT, on which it answers when it is ready
   * @param files texts of its configuration by their names
   * @param command makes the command line from the folder
   */
  constructor(name, { port, files, command, env = () => ({}) }) {
    this.folder = join(nodesFolder, name);
    this.#port = port;
    this.#command = command(this.folder);
    this.#env = env(this.folder);
    mkdirSync(join(root, this.folder), { recursive: true });
    for (const [file, text] of Object.entries(files(this.folder))) {
      writeFileSync(join(root, this.folder, file), text, { mode: 0o600 });
    }
  }

  get url() {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  start() {
    const log = openSync(join(root, this.folder, 'log'), 'a');
    const script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
    this.#process = spawn('unshare', ['-m', 'sh', '-c', script, root, ...this.#command], {
      stdio: ['ignore', log, log],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', ...this.#env },
      // A server may have children of its own, which are killed with it.
      detached: true,
    });
  }

  /** Resolves when its MQTT listens. */
  async ready() {
    while (!(await listens(this.#port))) {
      if (this.#process.exitCode !== null) {
        throw new Error(`${this.folder} has ended: look at ${join(root, this.folder, 'log')}`);
      }
      await sleep(100);
    }
  }

  async kill() {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const exit = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await exit;
  }
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
