import { LstmdError } from '../../../../base/errors.js';
import { readFunctional } from './functional.js';
import { isModelClass, readClass } from './layer-entry.js';
import { malformed } from './malformed-config.js';
import { readSequential } from './sequential.js';
import type { Topology } from './topology.js';

/**
 * Reads the configuration of a model.
 *
 * @param architecture `{ class_name, config }`
 * @throws LstmdError `model.malformed`, or `model.refused` for a class that is neither Sequential nor Functional
 */
export function readTopology(architecture: unknown): Topology {
  const { className, config } = readClass(architecture, 'the model');
  if (!isModelClass(className)) {
    throw new LstmdError(
      'model.refused',
      `the model is a ${className}: only Sequential and Functional models can be loaded, since the steps of other classes are Python code`,
    );
  }
  const topology = className === 'Sequential' ? readSequential(config) : readFunctional(config);
  checkNames(topology);
  return topology;
}

function checkNames({ layers }: Topology): void {
  const names = new Set<string>();
  for (const { name } of layers) {
    if (names.has(name)) {
      throw malformed(`two layers are named "${name}"`);
    }
    names.add(name);
  }
}
