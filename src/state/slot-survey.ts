import { messageOf } from '../base/errors.js';
import type { Log } from '../base/log.js';
import type { SavedState } from './saved-state.js';
import { slotNames, type SlotName, type SlotPair } from './slot-pair.js';

/** The stream to which a state must belong. */
export interface StateOwner {
  readonly stream: string;
  readonly modelSha256: string;
  readonly layoutHash: string;
  readonly stateSize: number;
}

/** Why neither slot holds a state of the stream. */
export type AbsenceReason =
  /** Nothing was ever saved here. */
  | 'fresh'
  /** No slot is whole, and at least one was damaged. */
  | 'damaged'
  | 'otherModel'
  /** It was saved for another stream: somebody moved or copied the file. */
  | 'otherStream'
  /** The same model in another mode, window or stride, or with other inputs or constants. */
  | 'otherLayout';

/** Holds what was found in both slots. */
export interface SlotSurvey {
  /** The newest whole state of the stream, its model and its layout. */
  readonly newest: SavedState | undefined;
  /** Why there is none. */
  readonly reason: AbsenceReason;
  /** The newest that was learnt from this stream, whatever the model. */
  readonly learnt: object | null;
  /** The slot to write next. */
  readonly target: SlotName;
  /** True when all that must be kept aside is. */
  readonly isComplete: boolean;
}

/** Why a saved state cannot be that of a stream: for programs, and for a reader of the log. */
interface Mismatch {
  readonly reason: 'otherStream' | 'otherModel' | 'otherLayout';
  readonly why: string;
}

/**
 * Reads both slots, keeps aside those that cannot be used, and chooses the one to write next.
 *
 * @param nowMs names what is kept aside, epoch milliseconds
 * @throws whatever the file system does
 */
export async function surveySlots(
  slots: SlotPair,
  owner: StateOwner,
  nowMs: number,
  log: Log,
): Promise<SlotSurvey> {
  let newest: SavedState | undefined;
  let learntFrom: SavedState | undefined;
  let reason: AbsenceReason = 'fresh';
  let isComplete = true;
  let target: SlotName = 'slot-a';
  const setAside = async (slot: SlotName, kind: string, why: string): Promise<void> => {
    isComplete = (await keepAside(slots, slot, kind, why, nowMs, log)) && isComplete;
  };
  for (const slot of slotNames) {
    const content = await slots.read(slot);
    if (content === null || content.kind === 'empty') {
      continue;
    }
    if (content.kind === 'damaged') {
      reason = 'damaged';
      await setAside(slot, 'damaged', content.reason);
      continue;
    }
    const { saved } = content;
    const mismatch = mismatchOf(saved, owner);
    if (mismatch?.reason !== 'otherStream' && saved.sequence > (learntFrom?.sequence ?? 0)) {
      learntFrom = saved;
    }
    if (mismatch !== undefined) {
      // The reason that says most is told, where there are several.
      if (reason !== 'damaged' && reason !== 'otherStream' && reason !== 'otherModel') {
        ({ reason } = mismatch);
      }
      await setAside(slot, 'other', mismatch.why);
    } else if (newest === undefined || saved.sequence > newest.sequence) {
      newest = saved;
      target = slot === 'slot-a' ? 'slot-b' : 'slot-a';
    }
  }
  return { newest, reason, learnt: learntFrom?.learnt ?? null, target, isComplete };
}

/** Why a whole slot is not of this stream; undefined where it is, and where the slot names no stream. */
function mismatchOf(saved: SavedState, owner: StateOwner): Mismatch | undefined {
  const { stream, modelSha256, layoutHash, state } = saved;
  if (stream !== '' && stream !== owner.stream) {
    return {
      reason: 'otherStream',
      why: `it is the state of the stream "${stream}", not of "${owner.stream}"; if it is meant for this one, stop lstmd and put it there with "lstmd state import"`,
    };
  }
  if (modelSha256 !== owner.modelSha256) {
    return { reason: 'otherModel', why: 'it is of another model' };
  }
  if (layoutHash !== owner.layoutHash || state.length !== owner.stateSize) {
    return {
      reason: 'otherLayout',
      why: 'it is of another mode, window, stride or weight format, or of other model.inputs or model.constants',
    };
  }
  return undefined;
}

async function keepAside(
  slots: SlotPair,
  slot: SlotName,
  kind: string,
  why: string,
  nowMs: number,
  log: Log,
): Promise<boolean> {
  const path = slots.path(slot);
  try {
    const aside = await slots.setAside(slot, kind, nowMs);
    log.warn({ path, aside, why }, 'a saved state cannot be used: kept aside');
    return true;
  } catch (error) {
    log.error({ path, why, error: messageOf(error) }, 'a saved state cannot be used or kept aside');
    return false;
  }
}
