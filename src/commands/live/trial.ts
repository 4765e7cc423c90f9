import type { Config } from '../../agent/config-schema.js';
import { prepareStreams, type PreparedStream } from '../../agent/prepared-stream.js';
import { StreamRecorder } from '../../agent/stream-recorder.js';
import { TrialStream } from '../../agent/trial-stream.js';
import { ExitCode, LstmdError } from '../../base/errors.js';
import { logWith, type Log } from '../../base/log.js';
import { createProcessLog } from '../../observe/process-log.js';
import { ObservedLink } from '../../sensor/links/recording/observed-link.js';
import { createLink } from '../../sensor/links/registry.js';
import { HeldTime } from '../../sensor/time/held-time.js';
import { aborted, unlessAborted } from '../terminal/stop-signal.js';
import { watchEndOfInput } from './end-of-input.js';
import { RecordLines, RecordView, type RecordOutput } from './record-output.js';
import { watchSilence } from './silence.js';
import { summary } from './summary.js';

/** When a trial ends, and what it shows. */
export interface TrialOptions {
  readonly seconds?: number | undefined;
  /** Samples of all streams together. */
  readonly samples?: number | undefined;
  /** The only stream; its records are printed without their topic. */
  readonly stream?: string | undefined;
  /** A recording is made here beside it. */
  readonly record?: string | undefined;
}

/**
 * Runs streams without broker, lock and state, and shows on stdout what they would publish, until a signal, the end
 * that the options name, or that of the standard input where streams read it. The exit code is 1 where the time or the input
 * came to its end and a stream had no sample: a script that tries a device is told so.
 *
 * @throws LstmdError for a model that cannot run, `recording.write`
 */
export async function runTrial(
  config: Config,
  options: TrialOptions,
  stopping: AbortSignal,
): Promise<void> {
  const chosen = withStream(config, options.stream);
  const prepared = await unlessAborted(stopping, prepareStreams(chosen, stopping));
  if (prepared === null || stopping.aborted) {
    return;
  }
  const view = process.stdout.isTTY ? new RecordView(process.stdout) : undefined;
  const log = view !== undefined && process.stderr.isTTY ? view.log : createProcessLog(config.log);
  const output = view ?? new RecordLines(options.stream === undefined);
  const trial = new Trial(prepared, options, output, log);
  await trial.run(stopping);
}

/**
 * The configuration with one of its streams.
 *
 * @throws LstmdError `usage.invalid` where there is none of that name
 */
export function withStream(config: Config, stream: string | undefined): Config {
  if (stream === undefined) {
    return config;
  }
  const section = config.streams[stream];
  if (section === undefined) {
    const names = Object.keys(config.streams).join(', ');
    throw new LstmdError('usage.invalid', `--stream ${stream}: there is none; there are: ${names}`);
  }
  return { ...config, streams: { [stream]: section } };
}

/** Streams that run until they have what was asked for. */
class Trial {
  readonly #options: TrialOptions;
  readonly #prepared: readonly PreparedStream[];
  readonly #output: RecordOutput;
  readonly #log: Log;
  readonly #enough = new AbortController();
  #left: number;

  constructor(
    prepared: readonly PreparedStream[],
    options: TrialOptions,
    output: RecordOutput,
    log: Log,
  ) {
    this.#prepared = prepared;
    this.#options = options;
    this.#output = output;
    this.#log = log;
    this.#left = options.samples ?? Infinity;
  }

  async run(stopping: AbortSignal): Promise<void> {
    const { seconds, record } = this.#options;
    const recorder = record === undefined ? undefined : await this.#beginRecording(record);
    const streams = this.#prepared.map((each) => this.#stream(each, recorder));
    const ending = AbortSignal.any([stopping, this.#enough.signal]);
    const timer = seconds && setTimeout(() => this.#enough.abort(), 1000 * seconds);
    const silence = watchSilence(streams, this.#log);
    const inputEnd = watchEndOfInput(streams, () => this.#enough.abort());
    const startMs = performance.now();
    try {
      this.#output.begin(streams);
      for (const stream of streams) {
        stream.start();
      }
      await aborted(ending);
    } finally {
      clearTimeout(timer);
      clearInterval(silence);
      clearInterval(inputEnd);
      await Promise.all(streams.map((stream) => stream.stop()));
      // What waited for the rest of its batch was given out at the stop.
      await this.#output.end();
      await recorder?.end();
    }
    const elapsedMs = performance.now() - startMs;
    for (const stream of streams) {
      process.stderr.write(`lstmd: ${summary(stream, elapsedMs)}\n`);
    }
    // Who stops it has seen enough, and of several streams the first may take all samples that were asked for.
    const isOver = this.#enough.signal.aborted && this.#left > 0;
    if (isOver && streams.some(({ samples }) => samples === 0)) {
      process.exitCode = ExitCode.failure;
    }
  }

  /** @throws LstmdError `usage.invalid` for several streams: a recording is of one */
  async #beginRecording(path: string): Promise<StreamRecorder> {
    const [only, ...others] = this.#prepared;
    if (only === undefined || others.length > 0) {
      throw new LstmdError('usage.invalid', '--record is of one stream: choose it with --stream');
    }
    const silent = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: () => {},
    };
    return StreamRecorder.begin({
      path,
      stream: only.name,
      config: only.config,
      log: silent,
      onFailure: (error) => this.#log.error({}, error.message),
    });
  }

  #stream(prepared: PreparedStream, recorder: StreamRecorder | undefined): TrialStream {
    const { name, config, engine, target, fallbackReason } = prepared;
    const log = this.#prepared.length > 1 ? logWith(this.#log, { stream: name }) : this.#log;
    if (fallbackReason !== undefined) {
      log.warn({ engine, target, reason: fallbackReason }, 'no native engine: using the reference');
    }
    const time = new HeldTime();
    return new TrialStream({
      prepared,
      emit: (record) => this.#output.take(record),
      admit: (count) => this.#admit(count),
      log,
      ...(recorder && {
        link: new ObservedLink(createLink(config.sensor), time, recorder),
        time,
      }),
    });
  }

  /** How many of so many samples are still wanted. */
  #admit(count: number): number {
    const taken = Math.min(count, this.#left);
    this.#left -= taken;
    if (this.#left === 0) {
      this.#enough.abort();
    }
    return taken;
  }
}
