import { LstmdError } from '../../../../base/errors.js';
import {
  referencesOf,
  type LayerCall,
  type LayerSpec,
  type TensorRef,
  type Topology,
} from './topology.js';

/** One use of a layer in a model. */
export interface LayerUse {
  readonly layer: LayerSpec;
  readonly call: LayerCall;
  /** Which of its uses, from 0. */
  readonly index: number;
}

/** How the layers of a model feed each other. */
export class LayerGraph {
  /** Each after those that feed it, whichever order the file has them in. */
  readonly uses: readonly LayerUse[];

  /** @throws LstmdError `model.malformed` for an unknown layer, and for layers in a circle */
  constructor(topology: Topology) {
    const uses = topology.layers.flatMap((layer) =>
      layer.calls.map((call, index): LayerUse => ({ layer, call, index })),
    );
    this.uses = this.#inOrder(uses);
  }

  key(layer: string, call: number): string {
    return `${call}:${layer}`;
  }

  /** The use that a reference means. */
  keyOf({ layer, call }: TensorRef): string {
    return this.key(layer, call);
  }

  #inOrder(uses: readonly LayerUse[]): LayerUse[] {
    const byKey = new Map(uses.map((use) => [this.key(use.layer.name, use.index), use]));
    const waitingFor = new Map<LayerUse, number>();
    const fed = new Map<LayerUse, LayerUse[]>();
    for (const use of uses) {
      const inputs = referencesOf(use.call);
      waitingFor.set(use, inputs.length);
      for (const input of inputs) {
        const feeder = byKey.get(this.keyOf(input));
        if (feeder === undefined) {
          throw unknownLayer(input);
        }
        fed.set(feeder, [...(fed.get(feeder) ?? []), use]);
      }
    }
    const ordered = uses.filter((use) => waitingFor.get(use) === 0);
    // Grows while it is walked: a use joins when the last of its inputs has been walked.
    for (const use of ordered) {
      for (const next of fed.get(use) ?? []) {
        const waiting = (waitingFor.get(next) ?? 0) - 1;
        waitingFor.set(next, waiting);
        if (waiting === 0) {
          ordered.push(next);
        }
      }
    }
    if (ordered.length < uses.length) {
      throw new LstmdError('model.malformed', 'the layers feed each other in a circle');
    }
    return ordered;
  }
}

export function unknownLayer(reference: TensorRef): LstmdError {
  return new LstmdError(
    'model.malformed',
    `the model's configuration refers to a layer "${reference.layer}" that it does not have`,
  );
}
