import type { ByteSource } from '../../byte-source.js';
import { lookup3 } from './checksum.js';
import { Cursor } from './cursor.js';
import { Metadata } from './metadata.js';
import { OutsideFormatError } from './outside-format.js';

/** An HDF5 file as its first bytes describe it. */
export interface OpenedFile {
  readonly metadata: Metadata;
  /** Address of the root's object header. */
  readonly root: number;
}

const signature = '\u0089HDF\r\n\u001A\n';
/** Bytes of an address and of a length. */
const addressBytes = 8;
const superblock0Bytes = 96;
const superblock2Bytes = 48;

/**
 * Reads the superblock of version 0, which h5py writes by default, 2 or 3 (HDF5 File Format, II.A).
 *
 * @throws OutsideFormatError for any other
 */
export function openFile(source: ByteSource): OpenedFile {
  const first = new Cursor(source.view(0, Math.min(source.size, superblock0Bytes)));
  first.expectSignature(signature);
  const version = first.number(1);
  if (version === 0) {
    return openVersion0(source, first);
  }
  if (version === 2 || version === 3) {
    return openVersion2(source, first);
  }
  throw new OutsideFormatError('a superblock of another version');
}

function openVersion0(source: ByteSource, fields: Cursor): OpenedFile {
  // Versions of the free space, of the root's symbol table, reserved, and of shared messages.
  fields.expect(0, 0, 0, 0, addressBytes, addressBytes, 0);
  // The ranks of B-trees, which only their writer needs, and flags.
  fields.skip(2 + 2 + 4);
  const base = fields.long();
  const freeSpace = fields.optionalLong();
  const end = fields.long();
  const driver = fields.optionalLong();
  if (base !== 0 || freeSpace !== null || driver !== null) {
    throw new OutsideFormatError('a file within another');
  }
  // The root's entry: its name, which it has none of, and its object header.
  fields.skip(addressBytes);
  return { metadata: new Metadata(source, end), root: fields.long() };
}

function openVersion2(source: ByteSource, fields: Cursor): OpenedFile {
  // Flags would say that the file was not closed.
  fields.expect(addressBytes, addressBytes, 0);
  const base = fields.long();
  const extension = fields.optionalLong();
  const end = fields.long();
  const root = fields.long();
  if (base !== 0 || extension !== null) {
    throw new OutsideFormatError('a file within another');
  }
  if (fields.number(4) !== lookup3(source.view(0, superblock2Bytes - 4))) {
    throw new OutsideFormatError('the checksum of the superblock does not match');
  }
  return { metadata: new Metadata(source, end), root };
}
