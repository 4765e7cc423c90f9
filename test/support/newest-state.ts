import { nodeFileSystem } from '#src/platform/file-system.js';
import type { SavedState } from '#src/state/saved-state.js';
import { slotNames, SlotPair } from '#src/state/slot-pair.js';

/** The saved state that a start would resume from; undefined where no slot is whole. */
export async function newestState(directory: string): Promise<SavedState | undefined> {
  const slots = new SlotPair(directory, nodeFileSystem);
  const contents = await Promise.all(slotNames.map((slot) => slots.read(slot)));
  return contents
    .flatMap((content) => (content?.kind === 'ok' ? [content.saved] : []))
    .toSorted((a, b) => b.sequence - a.sequence)[0];
}
