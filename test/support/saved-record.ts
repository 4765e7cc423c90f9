import { nodeFileSystem } from '#src/platform/file-system.js';
import type { StateRecord } from '#src/state/slot-codec.js';
import { slotNames, SlotPair } from '#src/state/slot-pair.js';

/** The saved state that a start would resume from; undefined where no slot is whole. */
export async function newestRecord(directory: string): Promise<StateRecord | undefined> {
  const slots = new SlotPair(directory, nodeFileSystem);
  const contents = await Promise.all(slotNames.map((slot) => slots.read(slot)));
  return contents
    .flatMap((content) => (content?.kind === 'ok' ? [content.record] : []))
    .toSorted((a, b) => b.sequence - a.sequence)[0];
}
