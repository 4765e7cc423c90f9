import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../base/package-root.js';
import { LstmdError } from '../../base/errors.js';
import { Subscription } from '../../publish/mqtt/subscription.js';
import { csvLine } from '../../simulator/encoders/csv.js';
import { MotionSource } from '../../simulator/motion-source.js';
import { PtyPort } from '../../platform/pty-port.js';
import { processUsage, type ProcessUsage } from './process-usage.js';

const modelFile = packageFile('examples/running/running.keras');
const cliFile = fileURLToPath(new URL('../../cli.js', import.meta.url));
const brokerFile = fileURLToPath(new URL('broker-process.js', import.meta.url));
/** Of a pseudo-terminal: what a sensor of 26 Hz sends, at any rate. */
const motionRateHz = 26;
const startTimeoutMs = 30_000;
const answerTimeoutMs = 10_000;

/**
 * A sensor and a subscriber in this process, between them the agent and the broker in processes of
 * their own. One process writes and reads, so that one clock says how long a sample was under way.
 */
export class AgentRig {
  /** Milliseconds that each sample took, in their order, from just before the write. */
  readonly latenciesMs: number[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'lstmd-bench-'));
  readonly #port = new PtyPort(join(this.#directory, 'tty'));
  readonly #source = new MotionSource({ seed: 7, rateHz: motionRateHz });
  readonly #row = new Float32Array(this.#source.axes);
  readonly #sentMs: number[] = [];
  #broker: ChildProcess | undefined;
  #agent: ChildProcess | undefined;
  #subscription: Subscription | undefined;
  #fault: Error | undefined;
  #wake: () => void = () => {};

  /** @throws LstmdError `publish.unavailable` or `sensor.link` when broker or agent do not come up */
  async start(brokerUrl: string | undefined): Promise<void> {
    const url = brokerUrl ?? (await this.#startBroker());
    const device = `bench-${process.pid}`;
    const topic = `lstmd/${device}/bench/prediction`;
    this.#subscription = await Subscription.open(url, topic, (payload) =>
      this.#take(payload),
    ).catch((cause: unknown) => {
      throw new LstmdError('publish.unavailable', `no broker at ${url}`, { cause });
    });
    this.#port.plug();
    const config = join(this.#directory, 'lstmd.json');
    writeFileSync(config, JSON.stringify(this.#config(device, url, brokerUrl === undefined)));
    const agent = spawn(process.execPath, [cliFile, 'run', '-c', config], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#agent = agent;
    agent.once('exit', (code) => this.#fail(`the agent ended with exit code ${code ?? 'none'}`));
    await this.#port.whenRead(AbortSignal.timeout(startTimeoutMs)).catch((cause: unknown) => {
      throw new LstmdError('sensor.link', 'the agent did not open its port', { cause });
    });
    // What comes before the first newline counts as half a line: let there be nothing.
    this.#port.write(Buffer.from('\r\n'));
  }

  /** Samples written and not yet read back. */
  get outstanding(): number {
    return this.#sentMs.length - this.latenciesMs.length;
  }

  send(): void {
    this.#source.next(this.#row);
    const line = csvLine(this.#row);
    this.#sentMs.push(performance.now());
    this.#port.write(line);
  }

  /**
   * Resolves when fewer than so many samples are under way.
   *
   * @throws LstmdError `sensor.link` when the agent has ended, lost a sample, or gives no answer
   */
  async below(outstanding: number): Promise<void> {
    while (this.outstanding >= outstanding) {
      if (this.#fault !== undefined) {
        throw this.#fault;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => this.#fail('a sample gave no answer'), answerTimeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Of the agent. */
  usage(): ProcessUsage {
    return processUsage(this.#agent?.pid ?? 0);
  }

  async stop(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    if (agent !== undefined && agent.exitCode === null && agent.signalCode === null) {
      agent.kill('SIGTERM');
      await once(agent, 'exit');
    }
    this.#port.stop();
    await this.#subscription?.close();
    this.#broker?.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #startBroker(): Promise<string> {
    const broker = fork(brokerFile, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#broker = broker;
    const [port] = (await once(broker, 'message')) as [number];
    return `mqtt://127.0.0.1:${port}`;
  }

  #config(device: string, url: string, isEmbedded: boolean): object {
    return {
      device,
      stateDirectory: join(this.#directory, 'state'),
      log: { level: 'error' },
      // The embedded broker speaks 3.1.1 alone.
      mqtt: { url, protocol: isEmbedded ? '3.1.1' : '5' },
      streams: {
        bench: {
          sensor: { link: join(this.#directory, 'tty'), rateHz: motionRateHz },
          features: { scale: 0.001 },
          model: { file: modelFile, mode: 'continuous', labels: ['running'] },
        },
      },
    };
  }

  /** Samples come numbered from 1: the n-th answer must be that of the n-th line. */
  #take(payload: Buffer): void {
    const nowMs = performance.now();
    const { seq } = JSON.parse(payload.toString()) as { readonly seq: number };
    // QoS 1 may deliver twice.
    if (seq <= this.latenciesMs.length) {
      return;
    }
    const sentMs = this.#sentMs[seq - 1];
    if (seq !== this.latenciesMs.length + 1 || sentMs === undefined) {
      this.#fail(`sample ${this.latenciesMs.length + 1} was lost: ${seq} came`);
    } else {
      this.latenciesMs.push(nowMs - sentMs);
    }
    this.#wake();
  }

  #fail(message: string): void {
    this.#fault ??= new LstmdError('sensor.link', `bench agent: ${message}`);
    this.#wake();
  }
}
