import { malformed } from './malformed-config.js';
import {
  referencesOf,
  type LayerCall,
  type LayerSpec,
  type TensorRef,
  type Topology,
} from './topology.js';
import type { LstmdError } from '../../../../base/errors.js';

/** One use of a layer in a model. */
export interface LayerUse {
  readonly layer: LayerSpec;
  readonly call: LayerCall;
  /** Index of the call among the layer's calls. */
  readonly index: number;
}

/** Names one use of a layer in a map. */
export function useKey(layer: string, call: number): string {
  return `${call}:${layer}`;
}

/**
 * The uses of a model's layers, each after those that feed it, whatever the order in the file.
 *
 * @throws LstmdError `model.malformed` for a reference to an unknown layer, and for layers that feed
 *   each other in a circle
 */
export function usesInOrder({ layers }: Topology): readonly LayerUse[] {
  const uses = layers.flatMap((layer) =>
    layer.calls.map((call, index): LayerUse => ({ layer, call, index })),
  );
  const byKey = new Map(uses.map((use) => [useKey(use.layer.name, use.index), use]));
  const missingInputs = new Map<LayerUse, number>();
  const consumers = new Map<LayerUse, LayerUse[]>();
  for (const use of uses) {
    const inputs = referencesOf(use.call);
    missingInputs.set(use, inputs.length);
    for (const input of inputs) {
      const feeder = byKey.get(useKey(input.layer, input.call));
      if (feeder === undefined) {
        throw unknownLayer(input);
      }
      consumers.set(feeder, [...(consumers.get(feeder) ?? []), use]);
    }
  }
  const ordered = uses.filter((use) => missingInputs.get(use) === 0);
  // The list grows while it is walked: a use is added when the last of its inputs has been walked.
  for (const use of ordered) {
    for (const consumer of consumers.get(use) ?? []) {
      const missing = (missingInputs.get(consumer) ?? 0) - 1;
      missingInputs.set(consumer, missing);
      if (missing === 0) {
        ordered.push(consumer);
      }
    }
  }
  if (ordered.length < uses.length) {
    const names = uses.filter((use) => !ordered.includes(use)).map(({ layer }) => layer.name);
    const shown = [...new Set(names)].slice(0, 8).map((name) => `"${name}"`);
    throw malformed(`layers feed each other in a circle, or wait for one: ${shown.join(', ')}`);
  }
  return ordered;
}

/** The error for a reference to a layer, or to a call of it, that the model does not have. */
export function unknownLayer(reference: TensorRef): LstmdError {
  return malformed(
    `the model's configuration refers to a layer "${reference.layer}" that it does not have`,
  );
}
