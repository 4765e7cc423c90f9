import { configOf } from '../../agent/config-value.js';
import { configSchema, type Config } from '../../agent/config-schema.js';
import { prepareStreams } from '../../agent/prepared-stream.js';
import { TrialStream } from '../../agent/trial-stream.js';
import { ExitCode, LstmdError } from '../../base/errors.js';
import { loadConfig } from '../../config/load-config.js';
import { createProcessLog } from '../../observe/process-log.js';
import { openRecording, type RecordingReader } from '../../recording/recording-reader.js';
import { FedLink } from '../../sensor/links/recording/fed-link.js';
import { feed, paced } from '../../sensor/links/recording/pace.js';
import { HeldTime } from '../../sensor/time/held-time.js';
import { RecordLines, RecordView } from '../live/record-output.js';
import { summary } from '../live/summary.js';
import { withStream } from '../live/trial.js';
import { printLines } from '../terminal/line-writer.js';
import { stopSignal, unlessAborted } from '../terminal/stop-signal.js';
import { ReplayedReadings } from './replayed-readings.js';

export interface ReplayOptions {
  readonly config?: string;
  readonly stream?: string;
  readonly speed?: number;
  readonly check?: boolean;
}

/**
 * Sends a recording through decoder and clock, and with a configuration through the model too.
 *
 * @throws LstmdError `recording.unreadable`, `usage.invalid`, or what `run --once` throws
 */
export async function replay(file: string, options: ReplayOptions): Promise<void> {
  const stopping = stopSignal();
  const reader = await openRecording(file);
  if (options.config === undefined) {
    if (options.stream !== undefined) {
      throw new LstmdError('usage.invalid', '--stream is of a configuration: name it with -c');
    }
    await (options.check === true
      ? checkReadings(file, reader, stopping)
      : printReadings(file, reader, options.speed ?? Infinity, stopping));
    return;
  }
  if (options.check === true) {
    throw new LstmdError('usage.invalid', '--check is without -c: it compares samples');
  }
  const { config } = await loadConfig(configSchema, options.config);
  await printRecords(reader, chosen(config, options.stream, reader.header.stream), {
    options,
    stopping,
  });
}

/** The stream that was asked for, else the one that was recorded, else the only one. */
function chosen(config: Config, stream: string | undefined, recorded: string): Config {
  const names = Object.keys(config.streams);
  const [only] = names;
  if (stream !== undefined || names.includes(recorded) || only === undefined) {
    return withStream(config, stream ?? recorded);
  }
  if (names.length > 1) {
    throw new LstmdError(
      'usage.invalid',
      `the recording is of stream ${recorded}, which the configuration does not have: choose with --stream; there are: ${names.join(', ')}`,
    );
  }
  return config;
}

async function printRecords(
  reader: RecordingReader,
  config: Config,
  { options, stopping }: { options: ReplayOptions; stopping: AbortSignal },
): Promise<void> {
  const streams = await unlessAborted(stopping, prepareStreams(config, stopping));
  const [prepared] = streams ?? [];
  if (prepared === undefined) {
    return;
  }
  const view = process.stdout.isTTY ? new RecordView(process.stdout) : undefined;
  const output = view ?? new RecordLines(options.stream === undefined);
  const log = view !== undefined && process.stderr.isTTY ? view.log : createProcessLog(config.log);
  const time = new HeldTime();
  const link = new FedLink(time);
  const emit = output.take.bind(output);
  const stream = new TrialStream({ prepared, emit, log, link, time });
  const speed = options.speed ?? (view === undefined ? Infinity : 1);
  output.begin([stream]);
  stream.start();
  try {
    for await (const entry of paced(reader.entries, speed, stopping)) {
      feed(link, entry);
      await output.ready();
    }
  } finally {
    await stream.stop();
    // What waited for the rest of its batch was given out at the stop.
    await output.end();
  }
  process.stderr.write(`lstmd: ${summary(stream)}\n`);
}

/** The decoder and the clock of the recording itself. */
function readingsOf(file: string, { header }: RecordingReader): ReplayedReadings {
  const { stream, sensor } = header;
  // No model is read; a configuration needs one to be named.
  const model = { file: '-', mode: 'continuous' };
  const config = configOf(stream, { sensor, model }, `${file}: the sensor section of its header`);
  const section = config.streams[stream];
  if (section === undefined) {
    throw new LstmdError('recording.unreadable', `${file}: no stream ${stream} in its header`);
  }
  return new ReplayedReadings(section, createProcessLog({ level: 'warn', format: 'auto' }));
}

async function printReadings(
  file: string,
  reader: RecordingReader,
  speed: number,
  stopping: AbortSignal,
): Promise<void> {
  const readings = readingsOf(file, reader);
  await printLines(async (writer) => {
    await writer.write(readings.header);
    for await (const entry of paced(reader.entries, speed, stopping)) {
      for (const line of readings.take(entry)) {
        await writer.write(line);
      }
    }
  });
  await readings.stop();
}

async function checkReadings(
  file: string,
  reader: RecordingReader,
  stopping: AbortSignal,
): Promise<void> {
  const readings = readingsOf(file, reader);
  let isWhole = false;
  for await (const entry of paced(reader.entries, Infinity, stopping)) {
    isWhole = entry.kind === 'end';
    readings.compare(entry);
  }
  await readings.stop();
  const difference = readings.difference(isWhole);
  const cut = isWhole ? '' : '; the recording was cut, and is whole up to there';
  process.stderr.write(
    difference === undefined
      ? `lstmd: ${file}: ${readings.samples} samples, the same bit for bit${cut}\n`
      : `lstmd: ${file}: ${difference}\n`,
  );
  if (difference !== undefined) {
    process.exitCode = ExitCode.failure;
  }
}
