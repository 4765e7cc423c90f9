import { join } from 'node:path';
import type { FileSystem } from '../../../platform/file-system.js';
import type { RecordKind } from '../../prediction/record.js';
import type { RecordTime } from './record-clock.js';

/** The folder of the segment files of one kind of records. */
export interface SegmentFolder {
  readonly directory: string;
  readonly kind: RecordKind;
  readonly fileSystem: FileSystem;
}

/** A file of the log. The newest alone is written to, and only at its end. */
export interface Segment {
  readonly path: string;
  /** Bytes that are known to be on disk. */
  bytes: number;
  /** Position of the newest record in it; 0 where there is none. */
  last: number;
  /** When that record was made; undefined where there is none. */
  lastTime: RecordTime | undefined;
  /** Records in it that wait and were not read yet. */
  unread: number;
}

/** A segment file's path: `<kind>-<id of ten digits>.log`. */
export function segmentPath({ directory, kind }: SegmentFolder, id: number): string {
  return join(directory, `${kind}-${String(id).padStart(10, '0')}.log`);
}

/** The id in a file's name; undefined where it is no segment file of this kind. */
export function segmentId(name: string, { kind }: SegmentFolder): number | undefined {
  const id = new RegExp(`^${kind}-(\\d{10})\\.log$`).exec(name)?.[1];
  return id === undefined ? undefined : Number(id);
}
