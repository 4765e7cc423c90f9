import { join } from 'node:path';
import type { FileSystem } from '../../../platform/file-system.js';
import { pageBytes } from './log-entry.js';

/**
 * A page of the disk that is kept free for the last accounts of a process. When the disk is full, the
 * records in memory cannot be kept, and that they are lost could not be written down either.
 */
export class AccountsReserve {
  readonly #directory: string;
  readonly #fileSystem: FileSystem;
  #isThere = false;

  constructor(directory: string, fileSystem: FileSystem) {
    this.#directory = directory;
    this.#fileSystem = fileSystem;
  }

  /** Sets the page aside unless that is done. Does not throw: without room for it the next call tries again. */
  async make(): Promise<void> {
    if (this.#isThere) {
      return;
    }
    try {
      await this.#write(new Uint8Array(pageBytes));
      this.#isThere = true;
    } catch {
      // The accounts were just written: what fails here is not needed yet, and will be tried again.
    }
  }

  /**
   * Makes the page a file of the log.
   *
   * @param batch accounts without records, which are one page
   * @param path of the file
   * @throws whatever the file system does
   */
  async use(batch: Uint8Array, path: string): Promise<void> {
    await this.#write(batch);
    await this.#fileSystem.rename(this.#path, path);
    this.#isThere = false;
    await this.#fileSystem.syncDirectory(this.#directory);
  }

  get #path(): string {
    return join(this.#directory, 'reserve');
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const file = await this.#fileSystem.open(this.#path);
    try {
      await file.write(bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}
