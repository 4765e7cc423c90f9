import { configSchema } from '../../agent/config-schema.js';
import { recordedSource } from '../../agent/recorded-source.js';
import { StreamRecorder } from '../../agent/stream-recorder.js';
import { LstmdError } from '../../base/errors.js';
import { loadConfig } from '../../config/load-config.js';
import { createProcessLog } from '../../observe/process-log.js';
import { aborted, stopSignal } from '../terminal/stop-signal.js';
import { LabelKeys } from './label-keys.js';
import { RecordProgress } from './record-progress.js';

export interface RecordOptions {
  readonly config: string;
  readonly stream?: string;
  readonly output?: string;
  readonly label?: string;
  readonly labels?: readonly string[];
  readonly seconds?: number;
  readonly samples?: number;
}

/**
 * Records a stream's sensor until a signal or the end that the options name; the file is whole when it returns.
 *
 * @throws LstmdError `config.invalid`, `usage.invalid`, `recording.write`
 */
export async function record(options: RecordOptions): Promise<void> {
  const stopping = stopSignal();
  const { config } = await loadConfig(configSchema, options.config);
  const name = options.stream ?? onlyStream(Object.keys(config.streams));
  const stream = config.streams[name];
  if (stream === undefined) {
    const names = Object.keys(config.streams).join(', ');
    throw new LstmdError('usage.invalid', `--stream ${name}: there is none; there are: ${names}`);
  }
  const path = options.output ?? defaultFile(name);
  const ended = new AbortController();
  let failure: LstmdError | undefined;
  const recorder: StreamRecorder = await StreamRecorder.begin({
    path,
    stream: name,
    config: stream,
    log: createProcessLog(config.log),
    onSamples: () => {
      if (recorder.samples >= (options.samples ?? Infinity)) {
        ended.abort();
      }
    },
    onFailure: (error) => {
      failure = error;
      ended.abort();
    },
  });
  const labels = options.labels ?? stream.model.labels ?? [];
  const keys = new LabelKeys(labels, (label) => recorder.label(label));
  if (options.label !== undefined) {
    keys.set(options.label);
  }
  process.stderr.write(`lstmd: recording ${stream.sensor.link} to ${path}, Ctrl-C ends it\n`);
  const source = recordedSource(stream, recorder);
  const progress = new RecordProgress(recorder, keys);
  const timer =
    options.seconds === undefined
      ? undefined
      : setTimeout(() => ended.abort(), 1000 * options.seconds);
  try {
    source.start();
    keys.start();
    progress.start();
    await aborted(AbortSignal.any([stopping, ended.signal]));
  } finally {
    clearTimeout(timer);
    keys.stop();
    progress.stop();
    await source.stop();
    await recorder.end();
  }
  if (failure !== undefined) {
    throw failure;
  }
  process.stderr.write(`lstmd: ${path}: ${progress.text}\n`);
}

/** @throws LstmdError `usage.invalid` where there are several */
function onlyStream(names: readonly string[]): string {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new LstmdError(
      'usage.invalid',
      `a recording is of one stream: choose it with --stream; there are: ${names.join(', ')}`,
    );
  }
  return name;
}

/** `wearer-20261128-231500.rec.gz`, by the system's clock in UTC. */
function defaultFile(stream: string): string {
  const time = new Date().toISOString().replace(/\..*/, '').replaceAll(/[-:]/g, '');
  return `${stream}-${time.replace('T', '-')}.rec.gz`;
}
