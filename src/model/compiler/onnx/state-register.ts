import type { State } from './values/value.js';

/**
 * Which floats of the states that go in are which states of recurrent nodes, and which of those come out: pairs by
 * flow, whatever the names and the order are.
 */
export class StateRegister {
  #fed = 0;
  #finals = 0;
  /** By the number of a float that goes in, that of the state that it begins. */
  readonly #begins = new Map<number, number>();

  /** Numbers for the floats of a state that goes in. */
  enter(count: number): Int32Array {
    const first = this.#fed;
    this.#fed += count;
    return Int32Array.from({ length: count }, (_, i) => first + i);
  }

  /** Numbers for the states of a recurrent node. */
  finals(count: number): Int32Array {
    const first = this.#finals;
    this.#finals += count;
    return Int32Array.from({ length: count }, (_, i) => first + i);
  }

  /**
   * Notes that floats that go in are where states begin.
   *
   * @returns false where one of them begins another state as well
   */
  begin(ids: Int32Array, finals: Int32Array): boolean {
    return ids.every((id, i) => {
      const known = this.#begins.get(id);
      const final = finals[i] ?? -1;
      this.#begins.set(id, final);
      return known === undefined || known === final;
    });
  }

  /** Whether what comes out is float by float what goes in through this state. */
  isFedBack({ ids }: State, finals: Int32Array): boolean {
    return ids.length === finals.length && ids.every((id, i) => this.#begins.get(id) === finals[i]);
  }
}
