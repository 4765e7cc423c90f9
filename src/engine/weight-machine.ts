import { cacheSizes, type CacheSizes } from '../platform/cache-size.js';
import { nativeTarget } from './native/native-engine.js';

/** Describes a machine as far as the fastest format of weights depends on it. */
export interface WeightMachine {
  /** Null where nobody knows. */
  readonly caches: CacheSizes | null;
  /** The SIMD target that the native engine takes; null where there is no native engine. */
  readonly target: string | null;
}

/**
 * The machine that this process runs on.
 *
 * @throws LstmdError `config.invalid` when `LSTMD_SIMD` names no target of this machine
 */
export async function thisWeightMachine(): Promise<WeightMachine> {
  return { caches: await cacheSizes(), target: nativeTarget() };
}
