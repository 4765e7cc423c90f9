/** Times from the row of a device to its prediction. */
export class Latencies {
  readonly #sentMs: number[][];
  #ms: number[] = [];

  constructor(devices: number) {
    this.#sentMs = Array.from({ length: devices }, () => []);
  }

  /** The next row of a device is sent now. */
  sent(device: number): void {
    this.#sentMs[device]?.push(performance.now());
  }

  /** Takes a prediction by its topic, `lstmd/box/...d<n>/prediction`: its number is that of the row, from 1. */
  take(topic: string, payload: Buffer): void {
    const nowMs = performance.now();
    const device = Number(/d(\d+)\/prediction$/.exec(topic)?.[1]);
    const { seq } = JSON.parse(payload.toString()) as { readonly seq: number };
    const sentMs = this.#sentMs[device]?.[seq - 1];
    if (sentMs !== undefined) {
      this.#ms.push(nowMs - sentMs);
    }
  }

  /** Those since the last call, in ascending order. */
  takeSorted(): Float64Array {
    const sorted = Float64Array.from(this.#ms).sort();
    this.#ms = [];
    return sorted;
  }
}
