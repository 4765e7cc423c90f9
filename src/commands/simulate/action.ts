import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LstmdError } from '../../base/errors.js';
import { convertedSource, type AccelerationUnit } from '../../simulator/converted-source.js';
import { AnsweringPort } from '../../simulator/answering-port.js';
import type { Answering, Encoder } from '../../simulator/encoders/encoder.js';
import { encoderNamed } from '../../simulator/encoders/registry.js';
import { noFaults, type Faults } from '../../simulator/faults/faults.js';
import { FaultyPort } from '../../simulator/faults/faulty-port.js';
import { Wire } from '../../simulator/faults/wire.js';
import { Random } from '../../simulator/motion/random.js';
import { MotionSource } from '../../simulator/motion-source.js';
import { PtyPort } from '../../platform/pty-port.js';
import { RecordingSource } from '../../simulator/recording-source.js';
import type { SampleSource } from '../../simulator/sample-source.js';
import { SensorSimulator, type RowPort } from '../../simulator/sensor-simulator.js';
import { playRecordedBytes } from './recorded-bytes.js';
import { notWritten } from '../terminal/not-written.js';
import { aborted, stopSignal } from '../terminal/stop-signal.js';

export interface SimulateOptions {
  readonly link?: string;
  readonly output?: string;
  readonly recording?: string[];
  readonly axes: number;
  /** Samples a second; default 26. */
  readonly rateHz?: number;
  readonly speed: number;
  readonly seed: number;
  readonly rows?: number;
  readonly loop?: boolean;
  readonly format: string;
  /** Unit of the readings that are sent, where the format leaves it open. */
  readonly units?: AccelerationUnit;
  /** Unit of the readings of the recording. */
  readonly recordingUnits: AccelerationUnit;
  readonly faults?: Faults;
  /** Bits a second of the sensor: a reader that has set another rate gets garbage. */
  readonly baud?: number;
}

/**
 * The port stays open for so long after the last row: a hang-up throws away what the reader has not taken
 * yet, and the sender cannot ask whether it has.
 */
const lingerMs = 500;
const defaultRateHz = 26;
const unpluggedMs = 2000;

/**
 * Plays samples until they end or a signal comes.
 *
 * @throws LstmdError `usage.invalid`, `sensor.input` for a recording, `sensor.link` for the port
 */
export async function simulate(options: SimulateOptions): Promise<void> {
  if ((options.link === undefined) === (options.output === undefined)) {
    throw new LstmdError('usage.invalid', 'simulate needs one of --link, --output and --fleet');
  }
  const recorded = options.recording?.find((path) => path.endsWith('.rec.gz'));
  if (recorded !== undefined) {
    if (options.link === undefined || options.recording?.length !== 1) {
      throw new LstmdError(
        'usage.invalid',
        `${recorded} is played alone and with --link; "lstmd record export" gives its rows`,
      );
    }
    await playRecordedBytes(recorded, resolve(options.link), options);
    return;
  }
  const sensor = await sensorOf(options, options.rateHz ?? defaultRateHz);
  if (options.output !== undefined) {
    if (options.faults !== undefined || options.baud !== undefined) {
      throw new LstmdError('usage.invalid', '--faults and --baud need --link: a file has no line');
    }
    await playToFile(sensor, options.output);
  } else if (options.link !== undefined) {
    await playToPort(sensor, resolve(options.link), options);
  }
}

/** Holds what the simulated sensor measures, in the unit of its format, and the format. */
interface SimulatedSensor {
  readonly source: SampleSource;
  readonly encoder: Encoder;
  /** How it answers, where it speaks only when it is asked. */
  readonly answering: Answering | undefined;
}

async function sensorOf(options: SimulateOptions, rateHz: number): Promise<SimulatedSensor> {
  const format = encoderNamed(options.format);
  const source = await sourceOf(options, rateHz);
  if (source.axes > (format.mostAxes ?? source.axes)) {
    throw new LstmdError(
      'usage.invalid',
      `${options.format} has room for ${format.mostAxes} axes, not for ${source.axes}`,
    );
  }
  if (format.unit !== undefined && options.units !== undefined && options.units !== format.unit) {
    throw new LstmdError(
      'usage.invalid',
      `${options.format} sends ${format.unit}, whatever --units says`,
    );
  }
  const from = options.recording === undefined ? 'mg' : options.recordingUnits;
  const to = format.countsInG ?? format.unit ?? options.units ?? from;
  const converted = from === to ? source : convertedSource(source, from, to);
  return {
    source: limited(converted, options.rows),
    encoder: format.create(source.axes, 1000 / rateHz),
    answering: format.answering?.(),
  };
}

async function sourceOf(options: SimulateOptions, rateHz: number): Promise<SampleSource> {
  if (options.recording === undefined) {
    return new MotionSource({ seed: options.seed, rateHz });
  }
  const axes = Array.from({ length: options.axes }, (_, n) => `axis ${n + 1}`);
  return RecordingSource.load(options.recording, { axes, loop: options.loop });
}

/** The first `rows` rows of a source, or all of them. */
function limited(source: SampleSource, rows: number | undefined): SampleSource {
  if (rows === undefined) {
    return source;
  }
  let left = rows;
  return {
    axes: source.axes,
    get label() {
      return source.label;
    },
    next: (out) => {
      if (left === 0) {
        return false;
      }
      left -= 1;
      return source.next(out);
    },
  };
}

async function playToPort(
  { source, encoder, answering }: SimulatedSensor,
  link: string,
  options: SimulateOptions,
): Promise<void> {
  const port = new PtyPort(link);
  const stopping = stopSignal();
  const togglePlug = () => {
    if (port.plugged) {
      port.unplug();
    } else {
      port.plug();
    }
    process.stderr.write(`lstmd: ${link} is ${port.plugged ? 'plugged in' : 'unplugged'}\n`);
  };
  const faults = options.faults ?? noFaults;
  const wire = new Wire(faults, new Random(options.seed), options.baud);
  const faulty = new FaultyPort(port, wire, faults);
  const answers = answering && new AnsweringPort(faulty, answering);
  port.plug();
  const pulling = pullPlug(port, faults.unplugSeconds);
  process.on('SIGUSR2', togglePlug);
  process.stderr.write(`lstmd: simulating a sensor at ${link}, Ctrl-C ends it\n`);
  try {
    // The first rows of a recording must not be lost, so it waits for a reader.
    if (options.recording !== undefined) {
      await port.whenRead(stopping);
    }
    const { rateHz = defaultRateHz, speed } = options;
    const simulator = new SensorSimulator({
      source,
      port: answers ?? faulty,
      rateHz,
      speed,
      encoder,
    });
    stopping.addEventListener('abort', () => void simulator.stop());
    simulator.start();
    await simulator.ended;
    answers?.close();
    await port.drained(stopping);
    await sleep(lingerMs, undefined, { signal: stopping });
    process.stderr.write(
      `lstmd: ${simulator.sent} rows, ${port.counters.dropped} of them unread\n`,
    );
  } catch (error) {
    if (!stopping.aborted) {
      throw error;
    }
  } finally {
    clearInterval(pulling);
    answers?.close();
    process.off('SIGUSR2', togglePlug);
    port.stop();
  }
}

/** Pulls the plug again and again, and puts it back soon after; does nothing for 0 s. */
function pullPlug(port: PtyPort, everySeconds: number): NodeJS.Timeout | undefined {
  if (everySeconds === 0) {
    return undefined;
  }
  return setInterval(() => {
    port.unplug();
    setTimeout(() => port.plug(), unpluggedMs).unref();
  }, 1000 * everySeconds);
}

/** @throws LstmdError `output.write` */
async function playToFile({ source, encoder }: SimulatedSensor, path: string): Promise<void> {
  const out = path === '-' ? process.stdout : createWriteStream(path);
  const port: RowPort = {
    write: (row) => out.write(row),
    drained: async (signal) => {
      if (out.writableNeedDrain) {
        await once(out, 'drain', { signal });
      }
    },
  };
  const simulator = new SensorSimulator({
    source,
    port,
    rateHz: 1,
    speed: Infinity,
    encoder,
  });
  const stopping = stopSignal();
  stopping.addEventListener('abort', () => void simulator.stop());
  // The command line knows what it means when stdout is broken.
  const broken =
    path === '-'
      ? aborted(stopping)
      : new Promise<never>((_, reject) => {
          out.once('error', (cause) => reject(notWritten(path, cause)));
        });
  simulator.start();
  await Promise.race([simulator.ended, broken]);
  if (path !== '-') {
    out.end();
    await Promise.race([finished(out), broken]);
  }
}
