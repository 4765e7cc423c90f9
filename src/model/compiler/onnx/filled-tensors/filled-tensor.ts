/** An index of an axis of a tensor that a loop fills: as it was before, or a part of what was written last. */
export type Slot = { readonly from: 'root' } | { readonly from: 'update'; readonly update: Update };

/** Holds what was written over one index of an axis, or over several. */
export interface Update {
  /** Its name. */
  readonly name: string;
  /** The indices that it was written over, in its own order. */
  readonly indices: readonly number[];
}

/** A tensor that was filled index by index of one axis. */
export interface FilledTensor {
  /** The tensor before anything was written. */
  readonly root: string;
  readonly sizes: readonly number[];
  readonly axis: number;
  /** One for each index of the axis. */
  readonly slots: readonly Slot[];
}

/** Consecutive indices of an axis that are made of one thing, which has them one after the other. */
export interface Run {
  /** Null where they are as they were. */
  readonly update: Update | null;
  /** The first of them, as the update counts them, or, where they are as they were, the tensor. */
  readonly from: number;
  readonly count: number;
}

/** A filled tensor after another update. */
export function filledWith(
  { root, sizes, axis, slots }: FilledTensor,
  update: Update,
): FilledTensor {
  const written = new Set(update.indices);
  return {
    root,
    sizes,
    axis,
    slots: slots.map((slot, index) => (written.has(index) ? { from: 'update', update } : slot)),
  };
}

/** The runs that some indices are made of, in their order. */
export function runsOf({ slots }: FilledTensor, from: number, count: number): Run[] {
  const runs: Run[] = [];
  for (const [i, slot] of slots.slice(from, from + count).entries()) {
    const update = slot.from === 'root' ? null : slot.update;
    const own = update === null ? from + i : update.indices.indexOf(from + i);
    const last = runs.at(-1);
    if (last?.update === update && last.from + last.count === own) {
      runs.splice(-1, 1, { ...last, count: last.count + 1 });
    } else {
      runs.push({ update, from: own, count: 1 });
    }
  }
  return runs;
}
