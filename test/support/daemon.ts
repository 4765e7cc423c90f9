import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { cli, projectFile } from './project.js';

/** Variables for the tests themselves, which the programs that they start would refuse. */
const forTests = /^LSTMD_(LONG|REQUIRE_ALL|BUNDLE)/;

export function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !forTests.test(name));
  return { ...Object.fromEntries(own), ...more };
}

/** For a look at memory: garbage that is not yet collected would hide a leak, and look like one. */
export const smallHeap = { NODE_OPTIONS: '--max-semi-space-size=1 --max-old-space-size=64' };

/** How a command ended. */
export interface Exit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of lstmd to its end. */
export async function runCli(
  args: readonly string[],
  options: { input?: string; cwd?: string; env?: Record<string, string> } = {},
): Promise<Exit> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: options.cwd,
    env: environment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(options.input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/**
 * Runs a command whose output never ends, and goes away once the first of it was read, as
 * `| head -1` does.
 */
export async function runCliUntilRead(
  args: readonly string[],
  input: Iterable<string> = [],
): Promise<Pick<Exit, 'code' | 'stderr'>> {
  const child = spawn(process.execPath, [cli, ...args], { env: environment(), stdio: 'pipe' });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {});
  Readable.from(input).pipe(child.stdin);
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

/** A line of the daemon's JSON log. */
export interface DaemonLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

function killChildren(pid: number): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  for (const child of children.split(' ').filter((text) => text !== '')) {
    process.kill(Number(child), 'SIGKILL');
  }
}

/** `lstmd run` as a process of its own. */
export class Daemon {
  readonly lines: DaemonLine[] = [];
  /** The signal that killed it, once it has ended; null where none did. */
  signal: string | null = null;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #waiting: (() => void)[] = [];
  #done = false;

  /**
   * Starts it, and kills it when the test is over.
   *
   * @param under a program and its arguments that start it in their turn, such as `strace -f`
   */
  constructor(
    t: TestContext,
    configFile: string,
    env: Record<string, string> = {},
    under: readonly string[] = [],
  ) {
    const command = [...under, process.execPath, cli, 'run', '-c', configFile];
    const child = spawn(command[0] ?? '', command.slice(1), {
      env: environment(env),
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    this.#child = child;
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.lines.push(
        line.startsWith('{') ? (JSON.parse(line) as DaemonLine) : { level: 'text', msg: line },
      );
      this.#heard();
    });
    this.#exited = once(child, 'close').then(([code, signal]: unknown[]) => {
      this.#done = true;
      this.signal = typeof signal === 'string' ? signal : null;
      this.#heard();
      return typeof code === 'number' ? code : null;
    });
    t.after(() => {
      // A tracer that is killed lets its process go on.
      const isRunning = child.exitCode === null && child.signalCode === null;
      if (under.length > 0 && isRunning) {
        killChildren(this.pid);
      }
      child.kill('SIGKILL');
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  #heard(): void {
    for (const resolve of this.#waiting.splice(0)) {
      resolve();
    }
  }

  /** The first line, past or to come, whose message matches. */
  async logged(pattern: RegExp, from = 0): Promise<DaemonLine> {
    for (;;) {
      const line = this.lines.slice(from).find(({ msg }) => pattern.test(msg));
      if (line !== undefined) {
        return line;
      }
      if (this.#done) {
        throw new Error(`ended without ${pattern}:\n${this.text}`);
      }
      await this.nextLine();
    }
  }

  /** Resolves at the next line of the log, or at the end. */
  nextLine(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Sends a signal and waits for the end: the exit code, or null after a kill. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exited;
  }

  /** Sends a signal; does nothing once it has ended. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  get hasEnded(): boolean {
    return this.#done;
  }

  get exited(): Promise<number | null> {
    return this.#exited;
  }

  get text(): string {
    return this.lines.map((line) => JSON.stringify(line)).join('\n');
  }
}

/** A folder for one test's files, gone when it is over. */
export function testFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface StreamSetup {
  readonly folder: string;
  readonly brokerUrl: string;
  readonly link: string;
  /** Of the sensor; default that of the program, which opens anew, and takes a first line for no row, after 2 s. */
  readonly silenceMs?: number;
  /** YAML under `state:` of the stream. */
  readonly state?: string;
  /** YAML under `publish:` of the stream. */
  readonly publish?: string;
  /** YAML under `outbox:` of the broker. */
  readonly outbox?: string;
  readonly healthSeconds?: number;
}

/** Writes a configuration for the demo's model on one sensor, and returns its path. */
export function writeConfig(setup: StreamSetup): string {
  const { folder, brokerUrl, link, silenceMs, healthSeconds = 60 } = setup;
  const {
    state = '{}',
    publish = '{}',
    outbox = '{ memoryBytes: 100000000, diskAfterSeconds: 3600 }',
  } = setup;
  const file = join(folder, 'lstmd.yaml');
  writeFileSync(
    file,
    `device: box
stateDirectory: ${folder}/state
healthSeconds: ${healthSeconds}
mqtt: { url: "${brokerUrl}", outbox: ${outbox} }
streams:
  wearer:
    sensor: { link: ${link}, rateHz: 26${silenceMs === undefined ? '' : `, silenceMs: ${silenceMs}`} }
    features: { scale: 0.001 }
    model: { file: ${projectFile('examples/running/running.keras')}, mode: continuous, labels: [running] }
    state: ${state}
    publish: ${publish}
`,
  );
  return file;
}

/** The outputs that `lstmd predict` gives for rows of readings in mg, without a process of its own. */
export async function predictRows(rows: readonly string[]): Promise<number[]> {
  // Few files need the engine, and it takes a while to load.
  const [{ loadModel, openStream }, { floatText }] = await Promise.all([
    import('#src/index.js'),
    import('#src/base/float-text.js'),
  ]);
  const plan = await loadModel(projectFile('examples/running/running.keras'));
  const { stepper } = await openStream(plan, { mode: 'continuous' });
  return rows.map((row) => {
    const outputs = stepper.push(row.split(',').map((reading) => 0.001 * Number(reading)));
    return Number(floatText(outputs?.[0] ?? Number.NaN));
  });
}
