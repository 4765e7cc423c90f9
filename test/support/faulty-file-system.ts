import { nodeFileSystem, type FileSystem, type OpenFile } from '#src/platform/file-system.js';

/** The real file system with a record of the calls and, where asked for, faults. */
export class FaultyFileSystem implements FileSystem {
  /** `write slot-a.state`, `sync slot-a.state`, `syncDirectory spindle` ... in their order. */
  readonly calls: string[] = [];
  /** Called before each call; what it throws becomes the call's error. */
  fault: (call: string) => void = () => {};
  /** Awaited before each call. */
  hold: (call: string) => Promise<void> = () => Promise.resolve();

  async #call<T>(name: string, path: string, act: () => Promise<T>): Promise<T> {
    const call = `${name} ${path.slice(path.lastIndexOf('/') + 1)}`;
    this.calls.push(call);
    await this.hold(call);
    this.fault(call);
    return act();
  }

  makeDirectory(path: string): Promise<void> {
    return this.#call('makeDirectory', path, () => nodeFileSystem.makeDirectory(path));
  }

  list(path: string): Promise<readonly string[]> {
    return this.#call('list', path, () => nodeFileSystem.list(path));
  }

  read(path: string): Promise<Uint8Array | null> {
    return this.#call('read', path, () => nodeFileSystem.read(path));
  }

  open(path: string, mode?: number): Promise<OpenFile> {
    return this.#call('open', path, async () => {
      const file = await nodeFileSystem.open(path, mode);
      return {
        stat: () => this.#call('stat', path, () => file.stat()),
        truncate: (size) => this.#call('truncate', path, () => file.truncate(size)),
        write: (bytes, position) => this.#call('write', path, () => file.write(bytes, position)),
        sync: () => this.#call('sync', path, () => file.sync()),
        close: () => file.close(),
      };
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call('rename', from, () => nodeFileSystem.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#call('remove', path, () => nodeFileSystem.remove(path));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#call('syncDirectory', path, () => nodeFileSystem.syncDirectory(path));
  }
}

/** An error as Node raises it for a failed call. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
