import { dirname, join } from 'node:path';
import { LstmdError } from '../base/errors.js';
import type { FileSystem, OpenFile } from '../platform/file-system.js';
import { decodeSlot, type SlotContent } from './slot-codec.js';

export const slotNames = ['slot-a', 'slot-b'] as const;
export type SlotName = (typeof slotNames)[number];

/** How many slots are kept aside for one reason; the oldest beyond that are removed. */
const keptAside = 2;

/**
 * The two slot files of one stream. A slot is written in place, through a descriptor that stays
 * open, while the other is not touched: a power cut at any point leaves one whole slot, and flash
 * is written a fifth as often as with a new file and a rename for each save.
 */
export class SlotPair {
  readonly #fileSystem: FileSystem;
  readonly #open = new Map<SlotName, OpenFile>();

  readonly directory: string;

  constructor(directory: string, fileSystem: FileSystem) {
    this.directory = directory;
    this.#fileSystem = fileSystem;
  }

  path(slot: SlotName): string {
    return join(this.directory, `${slot}.state`);
  }

  /** Reads a slot; null where there is no file. */
  async read(slot: SlotName): Promise<SlotContent | null> {
    const bytes = await this.#fileSystem.read(this.path(slot));
    return bytes === null ? null : decodeSlot(bytes);
  }

  /** Writes a whole slot and returns when it is on flash. */
  async write(slot: SlotName, bytes: Uint8Array): Promise<void> {
    try {
      const file = await this.#fileFor(slot, bytes.length);
      await file.write(bytes, 0);
      await file.sync();
    } catch (error) {
      // After a failed sync the kernel may take the lost pages for clean ones, so that a second
      // sync would succeed without them: the next try opens the file anew.
      await this.#closeSlot(slot);
      throw error;
    }
  }

  /** Moves a slot out of the way as `<slot>.<reason>-<nowMs>`, and returns its new path. */
  async setAside(slot: SlotName, reason: string, nowMs: number): Promise<string> {
    await this.#closeSlot(slot);
    const aside = join(this.directory, `${slot}.${reason}-${nowMs}`);
    await this.#fileSystem.rename(this.path(slot), aside);
    await this.#prune(reason);
    await this.#fileSystem.syncDirectory(this.directory);
    return aside;
  }

  /** Removes both slots; returns how many there were. */
  async remove(): Promise<number> {
    await this.close();
    let removed = 0;
    for (const slot of slotNames) {
      if ((await this.#fileSystem.read(this.path(slot))) === null) {
        continue;
      }
      await this.#fileSystem.remove(this.path(slot));
      removed += 1;
    }
    if (removed > 0) {
      await this.#fileSystem.syncDirectory(this.directory);
    }
    return removed;
  }

  async close(): Promise<void> {
    for (const slot of slotNames) {
      await this.#closeSlot(slot);
    }
  }

  async #fileFor(slot: SlotName, size: number): Promise<OpenFile> {
    const open = this.#open.get(slot);
    if (open !== undefined) {
      // Where the directory was removed and made again, this descriptor leads to a file that has
      // no name any more. Another length comes when something else was learnt from the stream.
      const { links, size: openSize } = await open.stat();
      if (links > 0 && openSize === size) {
        return open;
      }
      await this.#closeSlot(slot);
    }
    await this.#fileSystem.makeDirectory(this.directory);
    const file = await this.#fileSystem.open(this.path(slot));
    this.#open.set(slot, file);
    if ((await file.stat()).size !== size) {
      await file.truncate(0);
      await file.write(new Uint8Array(size), 0);
    }
    await file.sync();
    await this.#fileSystem.syncDirectory(this.directory);
    await this.#fileSystem.syncDirectory(dirname(this.directory));
    return file;
  }

  async #closeSlot(slot: SlotName): Promise<void> {
    const file = this.#open.get(slot);
    this.#open.delete(slot);
    try {
      await file?.close();
    } catch {
      // An error of close(2) tells nothing that the sync before it did not.
    }
  }

  async #prune(reason: string): Promise<void> {
    const marker = `.${reason}-`;
    const time = (name: string): number => Number(name.slice(name.indexOf(marker) + marker.length));
    const names = (await this.#fileSystem.list(this.directory))
      .filter((name) => slotNames.some((slot) => name.startsWith(slot + marker)))
      .sort((a, b) => time(b) - time(a));
    for (const name of names.slice(keptAside)) {
      await this.#fileSystem.remove(join(this.directory, name));
    }
  }
}

/**
 * The directory of one stream's state.
 *
 * @throws LstmdError `config.invalid` for a stream name that is no directory name
 */
export function streamDirectory(stateDirectory: string, stream: string): string {
  if (stream === '' || stream === '.' || stream === '..' || /[/\0]/.test(stream)) {
    throw new LstmdError('config.invalid', `stream "${stream}": its name must be a directory name`);
  }
  return join(stateDirectory, stream);
}
