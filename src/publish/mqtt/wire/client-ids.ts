import { lastPublishId } from './in-flight.js';

const firstId = lastPublishId + 1;
const count = 0xffff - lastPublishId;

/** Gives the client library the identifiers that publishes do not use; it has a few packets in flight at most. */
export class ClientIds {
  #given = 0;

  allocate(): number {
    const id = firstId + (this.#given % count);
    this.#given += 1;
    return id;
  }

  getLastAllocated(): number | null {
    return this.#given === 0 ? null : firstId + ((this.#given - 1) % count);
  }

  register(): boolean {
    return true;
  }

  deallocate(): void {
    // An identifier comes again only after all others.
  }

  clear(): void {
    // A connection has its own.
  }
}
