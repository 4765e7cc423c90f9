import { dirname } from 'node:path';
import type { FileSystem, OpenFile } from '#src/platform/file-system.js';

/** The content of a disk after the power came back. */
export interface DiskImage {
  readonly directories: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export const emptyDisk: DiskImage = { directories: new Set(['/']), files: new Map() };

const sectorBytes = 512;

/** The bytes of a file as they are, and as they were since the last sync. */
interface Inode {
  /** The first is on the disk, the last is what a reader sees. */
  versions: Uint8Array[];
  /** Sectors that were being written when the power went: they may hold anything. */
  torn: ReadonlySet<number>;
}

/** A change of names, which a cut leaves done or not done as a whole. */
interface NameChange {
  readonly directory: string;
  apply(names: Map<string, Inode>, directories: Set<string>): void;
}

/**
 * A disk whose power goes at the n-th change: this one and all calls after it fail. `images` then
 * gives every disk that may be found afterwards. What was synced is there; of the rest each
 * 512-byte sector, each length and each name is there or not, independently of the others, and a
 * sector that was being written may hold neither its old bytes nor its new ones.
 *
 * More may go wrong here than on an ordered journal, and nothing less.
 */
export class CrashFileSystem implements FileSystem {
  readonly #cutAt: number;
  readonly #baseNames = new Map<string, Inode>();
  readonly #baseDirectories: Set<string>;
  readonly #names: Map<string, Inode>;
  readonly #directories: Set<string>;
  #unsynced: NameChange[] = [];
  #changes = 0;

  /** @param cutAt number of the change at which the power goes, from 1 */
  constructor(image: DiskImage, cutAt = Infinity) {
    this.#cutAt = cutAt;
    for (const [path, bytes] of image.files) {
      this.#baseNames.set(path, { versions: [bytes], torn: new Set() });
    }
    this.#baseDirectories = new Set(image.directories);
    this.#names = new Map(this.#baseNames);
    this.#directories = new Set(image.directories);
  }

  get isCut(): boolean {
    return this.#changes >= this.#cutAt;
  }

  async makeDirectory(path: string): Promise<void> {
    this.#check();
    if (this.#directories.has(path)) {
      return;
    }
    await this.makeDirectory(dirname(path));
    this.#rename(dirname(path), (_names, directories) => directories.add(path));
    await this.syncDirectory(dirname(path));
  }

  async list(path: string): Promise<readonly string[]> {
    this.#check();
    return [...this.#names.keys()]
      .filter((name) => dirname(name) === path)
      .map((name) => name.slice(path.length + 1));
  }

  async read(path: string): Promise<Uint8Array | null> {
    this.#check();
    const inode = this.#names.get(path);
    return inode === undefined ? null : Buffer.from(current(inode));
  }

  async open(path: string): Promise<OpenFile> {
    this.#check();
    const existing = this.#names.get(path);
    const inode: Inode = existing ?? { versions: [new Uint8Array()], torn: new Set() };
    if (existing === undefined) {
      if (!this.#directories.has(dirname(path))) {
        throw new Error(`ENOENT: ${path}`);
      }
      this.#rename(dirname(path), (names) => names.set(path, inode));
    }
    return this.#openFile(inode);
  }

  async rename(from: string, to: string): Promise<void> {
    const inode = this.#names.get(from);
    if (inode === undefined) {
      throw new Error(`ENOENT: ${from}`);
    }
    this.#rename(dirname(to), (names) => {
      if (names.get(from) === inode) {
        names.delete(from);
      }
      names.set(to, inode);
    });
  }

  async remove(path: string): Promise<void> {
    this.#rename(dirname(path), (names) => names.delete(path));
  }

  async syncDirectory(path: string): Promise<void> {
    this.#count();
    const rest: NameChange[] = [];
    for (const change of this.#unsynced) {
      if (change.directory === path) {
        change.apply(this.#baseNames, this.#baseDirectories);
      } else {
        rest.push(change);
      }
    }
    this.#unsynced = rest;
  }

  /** Every disk that a cut here may leave. */
  *images(): Generator<DiskImage> {
    for (let kept = 0; kept < 2 ** this.#unsynced.length; kept += 1) {
      const names = new Map(this.#baseNames);
      const directories = new Set(this.#baseDirectories);
      this.#unsynced.forEach((change, i) => {
        if ((kept >> i) & 1) {
          change.apply(names, directories);
        }
      });
      const reached = [...names].filter(([path]) => isReached(dirname(path), directories));
      const found = new Set([...directories].filter((path) => isReached(path, directories)));
      for (const contents of choices(reached.map(([, inode]) => contentsOf(inode)))) {
        const files = new Map(reached.map(([path], i) => [path, contents[i] ?? new Uint8Array()]));
        yield { directories: found, files };
      }
    }
  }

  #openFile(inode: Inode): OpenFile {
    return {
      stat: async () => {
        this.#check();
        const links = [...this.#names.values()].filter((other) => other === inode).length;
        return { size: current(inode).length, links };
      },
      truncate: async (size) => {
        this.#change(() => {
          const bytes = new Uint8Array(size);
          bytes.set(current(inode).subarray(0, size));
          inode.versions.push(bytes);
        });
      },
      write: async (bytes, position) => {
        this.#change(() => {
          const end = position + bytes.length;
          const next = new Uint8Array(Math.max(current(inode).length, end));
          next.set(current(inode));
          next.set(bytes, position);
          inode.versions.push(next);
          if (!this.isCut) {
            return;
          }
          const first = Math.floor(position / sectorBytes);
          const count = Math.ceil(end / sectorBytes) - first;
          inode.torn = new Set(Array.from({ length: count }, (_, i) => first + i));
        });
      },
      sync: async () => {
        this.#count();
        inode.versions = [current(inode)];
      },
      close: async () => {},
    };
  }

  #rename(directory: string, apply: NameChange['apply']): void {
    this.#change(() => {
      apply(this.#names, this.#directories);
      this.#unsynced.push({ directory, apply });
    });
  }

  /** A change that the power's end finds under way may be done or not, as one that is not synced. */
  #change(make: () => void): void {
    this.#check();
    this.#changes += 1;
    make();
    this.#check();
  }

  #count(): void {
    this.#check();
    this.#changes += 1;
    this.#check();
  }

  #check(): void {
    if (this.isCut) {
      throw new Error('EIO: there is no power');
    }
  }
}

function current(inode: Inode): Uint8Array {
  return inode.versions.at(-1) ?? new Uint8Array();
}

function isReached(path: string, directories: ReadonlySet<string>): boolean {
  return path === '/' || (directories.has(path) && isReached(dirname(path), directories));
}

/** All that a file may hold: each length with each of the bytes that each sector had. */
function contentsOf({ versions, torn }: Inode): readonly Uint8Array[] {
  const [durable] = versions;
  if (versions.length === 1 && durable !== undefined) {
    return [durable];
  }
  const contents: Uint8Array[] = [];
  for (const size of new Set(versions.map(({ length }) => length))) {
    const sectors = Array.from({ length: Math.ceil(size / sectorBytes) }, (_, sector) => {
      const written = versions.map((version) => sectorOf(version, sector));
      if (torn.has(sector)) {
        written.push(Buffer.alloc(sectorBytes, 0xa5));
      }
      return [...new Map(written.map((bytes) => [bytes.toString('latin1'), bytes])).values()];
    });
    for (const chosen of choices(sectors)) {
      contents.push(new Uint8Array(Buffer.concat(chosen).subarray(0, size)));
    }
  }
  return contents;
}

function sectorOf(bytes: Uint8Array, sector: number): Buffer {
  const padded = Buffer.alloc(sectorBytes);
  padded.set(bytes.subarray(sector * sectorBytes, (sector + 1) * sectorBytes));
  return padded;
}

/** Every way to take one of each. */
function* choices<T>(lists: readonly (readonly T[])[]): Generator<T[]> {
  const [first, ...rest] = lists;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const others of choices(rest)) {
    for (const item of first) {
      yield [item, ...others];
    }
  }
}
