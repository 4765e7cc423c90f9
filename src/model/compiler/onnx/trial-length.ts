import { LstmdError } from '../../../base/errors.js';
import { NeedsWindow } from '../needs-window.js';
import { AxisConflict } from './axis-conflict.js';

/** Steps of a window as the graph counts them where any number may come: a prime, which no size happens to be. */
export const anySteps = 1009;

/** Steps of the window with which axes are tried where neither file nor user says any: a prime too, and a short window. */
export const trialSteps = 59;

/** The most of such windows that sizes are put together of. */
const mostMultiple = 64;

/**
 * Runs what builds a graph with a length that stands for any: what it throws says T in the place of that length, `3T` of three
 * times as much. No length is replaced where it is one that was said.
 */
export function sayingAnyLength(length: number | undefined, build: () => void): void {
  try {
    build();
  } catch (fault) {
    if (length === undefined) {
      throw fault;
    }
    const said = (text: string): string => withoutLength(text, length);
    if (fault instanceof NeedsWindow) {
      throw new NeedsWindow(fault.layer, said(fault.reason));
    }
    if (fault instanceof AxisConflict) {
      throw new AxisConflict(said(fault.message));
    }
    if (fault instanceof LstmdError) {
      throw new LstmdError(fault.code, said(fault.message), { cause: fault });
    }
    throw fault;
  }
}

/** A text in which numbers of the file that are words of their own stay, and those of the length are `T`. */
function withoutLength(text: string, length: number): string {
  return text.replaceAll(/(?<![\w."])\d+(?![\w."])/g, (digits) => {
    const times = Number(digits) / length;
    const isOf = Number.isSafeInteger(times) && times > 0 && times <= mostMultiple;
    return isOf ? (times === 1 ? 'T' : `${times}T`) : digits;
  });
}
