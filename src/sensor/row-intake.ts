import type { Conditioner } from './conditioner.js';
import type { DeviceColumns, RowSink } from './decoders/decoder.js';
import type { GapReason } from './sample-block.js';
import { ReadBatch } from './time/read-batch.js';

/** Takes the rows of a decoder: each is conditioned and kept with those of its read, or lost in its place. */
export class RowIntake implements RowSink {
  /** Rows of the read at hand. */
  readonly batch: ReadBatch;
  /** True when the decoder has read a row from the bytes at hand, be it refused later or not. */
  hasRow = false;
  /** Rows that the conditioner refused since the last sample. */
  refusedRows = 0;
  readonly #axes: number;
  readonly #conditioner: Conditioner;
  readonly #hasDeviceTime: boolean;
  readonly #onLost: (reason: GapReason) => void;
  /** Why samples are missing since the last good one. */
  #missing: GapReason | undefined;

  /**
   * @param hasDeviceTime whether rows carry the sensor's own time or count
   * @param onLost is told of each row that is no sample
   */
  constructor(
    axes: number,
    conditioner: Conditioner,
    hasDeviceTime: boolean,
    onLost: (reason: GapReason) => void,
  ) {
    this.batch = new ReadBatch(axes);
    this.#axes = axes;
    this.#conditioner = conditioner;
    this.#hasDeviceTime = hasDeviceTime;
    this.#onLost = onLost;
  }

  rows(values: Float32Array, count: number, device: DeviceColumns): void {
    const { batch } = this;
    this.hasRow = true;
    const first = batch.reserve(count);
    if (this.#conditioner.applyAll(values, count, batch.values, first)) {
      if (this.#hasDeviceTime) {
        batch.stampAll(device, count);
      }
      batch.keep(this.#missing, count);
      this.#missing = undefined;
      return;
    }
    for (let row = 0; row < count; row += 1) {
      const offset = batch.reserve();
      if (this.#conditioner.apply(values, row * this.#axes, batch.values, offset)) {
        if (this.#hasDeviceTime) {
          batch.stamp(device.timeMs[row], device.counter[row]);
        }
        batch.keep(this.#missing);
        this.#missing = undefined;
      } else {
        this.refusedRows += 1;
        this.#lose('outOfRange');
      }
    }
  }

  lost(count: number): void {
    for (let row = 0; row < count; row += 1) {
      this.#lose('rejected');
    }
  }

  /** The link was closed: what comes next does not join what came before. */
  closed(): void {
    this.#missing = 'reopened';
  }

  #lose(reason: GapReason): void {
    this.batch.lose();
    this.#missing ??= reason;
    this.#onLost(reason);
  }
}
