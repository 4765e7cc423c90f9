import type { LayerSummary } from '../../plan/stream-plan.js';
import { comparePlaces, type LayerPlace } from './weights/layer-place.js';

/** The summaries of a model's layers: one for each, however often the layer is used. */
export class LayerSummaries {
  readonly #byPath = new Map<string, { place: LayerPlace; summary: LayerSummary }>();

  /** Keeps a summary; that of a later use of the same layer replaces it. */
  add(place: LayerPlace, summary: LayerSummary): void {
    this.#byPath.set(place.path, { place, summary });
  }

  /** In the order of the configuration. */
  inOrder(): LayerSummary[] {
    return [...this.#byPath.values()]
      .sort((a, b) => comparePlaces(a.place, b.place))
      .map(({ summary }) => summary);
  }
}
