import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile, programFile } from '../../../base/package-root.js';
import { LstmdError } from '../../../base/errors.js';
import { Subscription } from '../../../publish/mqtt/subscription.js';
import { csvLine } from '../../../simulator/encoders/csv.js';
import { MotionSource } from '../../../simulator/motion-source.js';
import { PtyPort } from '../../../platform/pty-port.js';
import { processUsage, type ProcessUsage } from './process-usage.js';

const modelFile = packageFile('examples/running/running.keras');
/** The readings are those of a sensor of this rate, however fast they are sent. */
const motionRateHz = 26;
/** A machine that does much else may take a minute to start a process. */
const startTimeoutMs = 180_000;
const answerTimeoutMs = 60_000;

export type MqttVersion = '5' | '3.1.1';

/** The two ends that a program which is measured stands between. */
export interface RigSetup {
  /** Path of the tty. */
  readonly link: string;
  /** `mqtt://host[:port]` */
  readonly url: string;
  readonly protocol: MqttVersion;
  readonly device: string;
  /** Topic of the predictions. */
  readonly topic: string;
  /** For files of its own. */
  readonly directory: string;
}

/** A program that takes lines from a tty and publishes a message for each, with their number as `seq`. */
export interface Measured {
  spawn(setup: RigSetup): ChildProcess;
}

/**
 * The program itself: `lstmd run` with the seed model.
 *
 * @param program its command line; default that of this package
 */
export function lstmdRun(program: string = programFile()): Measured {
  return {
    spawn(setup) {
      const config = join(setup.directory, 'lstmd.json');
      writeFileSync(config, JSON.stringify(configOf(setup)));
      return spawn(process.execPath, [program, 'run', '-c', config], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    },
  };
}

function configOf({ device, link, url, protocol, directory }: RigSetup): object {
  return {
    device,
    stateDirectory: join(directory, 'state'),
    log: { level: 'error' },
    mqtt: { url, protocol },
    streams: {
      bench: {
        sensor: { link, rateHz: motionRateHz },
        features: { scale: 0.001 },
        model: { file: modelFile, mode: 'continuous', labels: ['running'] },
      },
    },
  };
}

/**
 * A sensor and a subscriber in this process, and between them the agent in a process of its own and a
 * broker. One process writes and reads, so that one clock says how long a sample was under way.
 */
export class AgentRig {
  /** How long each sample took from just before its write to its prediction, in their order. */
  readonly latenciesMs: number[] = [];
  /** From the start of the program to its first message, milliseconds. */
  firstPredictionMs = 0;
  readonly #directory = mkdtempSync(join(tmpdir(), 'lstmd-bench-'));
  readonly #port = new PtyPort(join(this.#directory, 'tty'));
  readonly #source = new MotionSource({ seed: 7, rateHz: motionRateHz });
  readonly #row = new Float32Array(this.#source.axes);
  readonly #sentMs: number[] = [];
  #agent: ChildProcess | undefined;
  #subscription: Subscription | undefined;
  #fault: Error | undefined;
  #wake: () => void = () => {};

  /**
   * Starts the program and sees its first sample through.
   *
   * @param options.measured default: `lstmd run`
   * @param options.signal has whatever waits for a sample throw
   * @throws LstmdError `publish.unavailable` without a broker, `sensor.link` when the agent does not start
   */
  async start(
    url: string,
    protocol: MqttVersion,
    options: {
      readonly measured?: Measured | undefined;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<void> {
    const { measured = lstmdRun(), signal = new AbortController().signal } = options;
    signal.addEventListener('abort', () => this.#fail('it was ended by a signal'));
    const device = `bench-${process.pid}`;
    const topic = `lstmd/${device}/bench/prediction`;
    const link = join(this.#directory, 'tty');
    this.#subscription = await Subscription.open(url, topic, (payload) => this.#take(payload));
    signal.throwIfAborted();
    this.#port.plug();
    const startedMs = performance.now();
    const agent = measured.spawn({
      link,
      url,
      protocol,
      device,
      topic,
      directory: this.#directory,
    });
    this.#agent = agent;
    process.once('exit', this.#killAgent);
    const ended = new AbortController();
    agent.once('exit', (code) => {
      this.#fail(`the agent ended with exit code ${code ?? 'none'}`);
      ended.abort();
    });
    const waiting = AbortSignal.any([ended.signal, signal, AbortSignal.timeout(startTimeoutMs)]);
    await this.#port.whenRead(waiting).catch((cause: unknown) => {
      const seconds = startTimeoutMs / 1000;
      const slow = `the agent did not open its port within ${seconds} s`;
      throw this.#fault ?? new LstmdError('sensor.link', slow, { cause });
    });
    // The agent takes what comes before the first line end for half a line.
    this.#port.write(Buffer.from('\r\n'));
    this.send();
    await this.below(1);
    this.firstPredictionMs = performance.now() - startedMs;
  }

  /** Process of the program that is measured; undefined while there is none. */
  get pid(): number | undefined {
    return this.#agent?.pid;
  }

  /** Samples written whose prediction has not come yet. */
  get outstanding(): number {
    return this.#sentMs.length - this.latenciesMs.length;
  }

  /** Writes the next sample to the port. */
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

  /** CPU time and memory of the agent so far. */
  usage(): ProcessUsage {
    return processUsage(this.#agent?.pid ?? 0);
  }

  /** Stops the agent and removes its files. */
  async stop(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    process.off('exit', this.#killAgent);
    if (agent !== undefined && agent.exitCode === null && agent.signalCode === null) {
      agent.kill('SIGTERM');
      await once(agent, 'exit');
    }
    this.#port.stop();
    await this.#subscription?.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Predictions are numbered from 1: the n-th must be that of the n-th line. */
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

  readonly #killAgent = (): void => {
    this.#agent?.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  };

  #fail(message: string): void {
    this.#fault ??= new LstmdError('sensor.link', `bench agent: ${message}`);
    this.#wake();
  }
}
