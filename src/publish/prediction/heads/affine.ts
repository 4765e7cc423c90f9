import { LstmdError, type OptionFault } from '../../../base/errors.js';

/** The way back from a model's numbers to the user's: `number * scale + offset`, for each output of a step. */
export interface AffineOptions {
  /** One for all outputs, or one for each; default 1. */
  readonly scale?: number | readonly number[] | undefined;
  /** Likewise; default 0. */
  readonly offset?: number | readonly number[] | undefined;
  /** Holds what the numbers then are in; one for all, or one for each. */
  readonly units?: string | readonly string[] | undefined;
}

/** The options of `Affine`, with one entry for each output. */
export class Affine {
  readonly scale: Float64Array;
  readonly offset: Float64Array;
  readonly units: readonly string[] | undefined;

  /**
   * @param placeOf where an option stands in the configuration
   * @throws LstmdError `config.invalid` where a list has not one entry an output
   */
  constructor(
    size: number,
    { scale = 1, offset = 0, units }: AffineOptions = {},
    placeOf: (option: keyof AffineOptions) => OptionFault['at'] = (option) => [option],
  ) {
    const perOutput = <T extends number | string>(
      option: keyof AffineOptions,
      given: T | readonly T[],
    ): readonly T[] => listOf(given, size, placeOf(option));
    this.scale = Float64Array.from(perOutput('scale', scale));
    this.offset = Float64Array.from(perOutput('offset', offset));
    this.units = units === undefined ? undefined : perOutput('units', units);
  }

  /** Returns whether it changes any number. */
  get isIdentity(): boolean {
    return this.scale.every((each) => each === 1) && this.offset.every((each) => each === 0);
  }

  valueOf(raw: number, output: number): number {
    return raw * (this.scale[output] ?? 1) + (this.offset[output] ?? 0);
  }

  /** For `info`: what is not as it would be without options. */
  get facts(): object {
    return {
      ...(this.units !== undefined && { units: this.units }),
      ...(!this.isIdentity && { scale: [...this.scale], offset: [...this.offset] }),
    };
  }
}

function listOf<T extends number | string>(
  given: T | readonly T[],
  size: number,
  at: OptionFault['at'],
): readonly T[] {
  const list = typeof given === 'object' ? given : Array.from({ length: size }, () => given);
  if (list.length !== size) {
    throw new LstmdError(
      'config.invalid',
      `it has ${list.length} entries for ${size} ${size === 1 ? 'output' : 'outputs'}`,
      { at },
    );
  }
  return list;
}
