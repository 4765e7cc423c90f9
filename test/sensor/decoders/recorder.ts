import assert from 'node:assert/strict';
import type { Decoder } from '#src/sensor/decoders/decoder.js';

/** A row, or `lost` in the place of one that was lost. */
export type DecodedEvent = number[] | 'lost';

/** A decoder and what it read, for tests. */
export class DecoderRecorder<D extends Decoder = Decoder> {
  readonly events: DecodedEvent[] = [];
  /** The sensor's own time and count of each row. */
  readonly timesMs: number[] = [];
  readonly counts: number[] = [];
  readonly decoder: D;

  constructor(decoder: D) {
    this.decoder = decoder;
  }

  /** @param bytes text is taken as latin1 */
  push(bytes: string | Uint8Array): this {
    const chunk = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    const { axes } = this.decoder;
    this.decoder.push(chunk, {
      rows: (values, count, device) => {
        this.timesMs.push(...device.timeMs.subarray(0, count));
        this.counts.push(...device.counter.subarray(0, count));
        for (let row = 0; row < count; row += 1) {
          this.events.push([...values.subarray(row * axes, (row + 1) * axes)]);
        }
      },
      lost: (count) => {
        this.events.push(...Array.from({ length: count }, () => 'lost' as const));
      },
    });
    return this;
  }

  /** The counters that are not 0, without `bytes`. */
  get counted(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.decoder.counters).filter(
        ([name, count]) => count > 0 && name !== 'bytes',
      ),
    );
  }
}

/**
 * Checks that bytes are read alike when they are cut in two at every place, and byte by byte, by a
 * link that reuses its buffer.
 */
export function assertReadHoweverCut(create: () => Decoder, bytes: Uint8Array): void {
  const whole = new DecoderRecorder(create()).push(bytes);
  const check = (chunks: readonly Uint8Array[], how: string): void => {
    const recorder = new DecoderRecorder(create());
    for (const chunk of chunks) {
      const reused = Uint8Array.from(chunk);
      recorder.push(reused);
      reused.fill(0x37);
    }
    assert.deepEqual(recorder.events, whole.events, how);
    assert.deepEqual([recorder.timesMs, recorder.counts], [whole.timesMs, whole.counts], how);
    assert.deepEqual(recorder.decoder.counters, whole.decoder.counters, how);
  };
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    check([bytes.subarray(0, cut), bytes.subarray(cut)], `cut at ${cut}`);
  }
  check(
    Array.from(bytes, (byte) => Uint8Array.of(byte)),
    'byte by byte',
  );
}
