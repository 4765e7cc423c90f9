import { createDecoder } from '../../../sensor/decoders/registry.js';
import { decoderNameOf, encoders } from '../../../simulator/encoders/registry.js';
import type { Encoder, EncoderDefinition } from '../../../simulator/encoders/encoder.js';
import { MotionSource } from '../../../simulator/motion-source.js';
import { table } from '../../terminal/table.js';
import { machineText, thisMachine, type Machine } from '../measure/machine.js';
import { quantile } from '../measure/rounds.js';

export interface BenchDecodersOptions {
  readonly seconds: number;
  readonly json?: boolean;
}

/** As many bytes as the serial link hands over in one read at most. */
const chunkBytes = 64 * 1024;
const axes = ['x', 'y', 'z'];
const source = { seed: 7, rateHz: 26 };

/** The speed of one decoder; the median over all chunks, where nothing else is said. */
interface Result {
  readonly decoder: string;
  readonly megabytesPerSecond: number;
  /** That of the chunk with which a tenth is as fast or faster: what other programs on the machine did not disturb. */
  readonly undisturbedMegabytesPerSecond: number;
  readonly rowsPerSecond: number;
}

interface Report {
  readonly machine: Machine;
  readonly results: readonly Result[];
}

/** Prints how many bytes and rows a second each decoder reads. */
export function benchDecoders(options: BenchDecodersOptions): void {
  const report: Report = {
    machine: thisMachine(),
    // A sensor that has to be asked is no load.
    results: encoders
      .filter(({ answering }) => answering === undefined)
      .map((encoder) => measure(encoder, options.seconds)),
  };
  process.stdout.write(
    options.json === true ? `${JSON.stringify(report, null, 2)}\n` : reportText(report),
  );
}

/** Decodes the same chunk of whole rows, as the simulator writes them, again and again. */
function measure(format: EncoderDefinition, seconds: number): Result {
  const { name } = format;
  const { bytes, rows } = motionChunk(format.create(axes.length));
  const decoder = createDecoder({ ...format.options(axes), decoder: decoderNameOf(format), axes });
  let decoded = 0;
  const sink = {
    rows: (_: Float32Array, count: number) => {
      decoded += count;
    },
    lost: () => {},
  };
  const timesMs: number[] = [];
  // What only the bytes after a frame can tell of its last is known from the second chunk on.
  decoder.push(bytes, sink);
  decoded = 0;
  const endMs = performance.now() + 1000 * seconds;
  do {
    const startMs = performance.now();
    decoder.push(bytes, sink);
    timesMs.push(performance.now() - startMs);
  } while (performance.now() < endMs);
  if (decoded !== rows * timesMs.length) {
    throw new RangeError(`${name}: ${decoded} of ${rows * timesMs.length} rows were decoded`);
  }
  const sorted = Float64Array.from(timesMs).sort();
  const medianSeconds = quantile(sorted, 0.5) / 1000;
  return {
    decoder: name,
    megabytesPerSecond: bytes.length / 1e6 / medianSeconds,
    undisturbedMegabytesPerSecond: bytes.length / 1e3 / quantile(sorted, 0.1),
    rowsPerSecond: rows / medianSeconds,
  };
}

/** Whole rows of the simulated sensor, encoded, that fill one read. */
function motionChunk(encode: Encoder): { readonly bytes: Buffer; readonly rows: number } {
  const motion = new MotionSource(source);
  const row = new Float32Array(motion.axes);
  const lines: Uint8Array[] = [];
  for (let length = 0; length < chunkBytes; length += lines.at(-1)?.length ?? 0) {
    motion.next(row);
    lines.push(encode(row));
  }
  return { bytes: Buffer.concat(lines), rows: lines.length };
}

function reportText({ machine, results }: Report): string {
  const rows = results.map((result) => [
    result.decoder,
    result.megabytesPerSecond.toFixed(1),
    result.undisturbedMegabytesPerSecond.toFixed(1),
    result.rowsPerSecond.toFixed(0),
  ]);
  const head = ['decoder', 'MB/s', 'undisturbed', 'rows/s'];
  const lines = [machineText(machine), '', ...table([head, ...rows])];
  return `${lines.join('\n')}\n`;
}
