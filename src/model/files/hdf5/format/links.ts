import { Cursor } from './cursor.js';
import type { Metadata } from './metadata.js';
import { nameOf } from './name.js';
import { messageType, type Message } from './object-header.js';
import { OutsideFormatError } from './outside-format.js';
import { readSymbolTable, type Link } from './symbol-table.js';

/**
 * The objects of a group, sorted by name; null where the object is no group.
 *
 * @throws OutsideFormatError for a group with links of another form
 */
export function readLinks(metadata: Metadata, messages: readonly Message[]): Link[] | null {
  const tables = messages.filter(({ type }) => type === messageType.symbolTable);
  const infos = messages.filter(({ type }) => type === messageType.linkInfo);
  const links = messages.filter(({ type }) => type === messageType.link);
  if (tables.length === 1 && infos.length === 0 && links.length === 0) {
    const fields = new Cursor(tables[0]?.body ?? Buffer.alloc(0));
    return checked(readSymbolTable(metadata, fields.long(), fields.long()));
  }
  if (tables.length > 0 || infos.length > 1) {
    throw new OutsideFormatError('a group of two forms');
  }
  const [info] = infos;
  if (info === undefined) {
    return links.length === 0 ? null : [];
  }
  checkCompact(info.body);
  const found = links.map(({ body }) => readLink(body));
  return checked(found.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))));
}

function checked(links: Link[]): Link[] {
  for (const [i, { name }] of links.entries()) {
    if (name.includes('/') || name === '.' || name === links[i - 1]?.name) {
      throw new OutsideFormatError(`a name "${name}"`);
    }
  }
  return links;
}

const tracksOrder = 0x01;

/** Checks that all links of a group are messages of it, and none in a heap. */
function checkCompact(body: Buffer): void {
  const fields = new Cursor(body);
  fields.expect(0);
  const flags = fields.number(1);
  fields.skip((flags & tracksOrder) === 0 ? 0 : 8);
  if (fields.optionalLong() !== null) {
    throw new OutsideFormatError('a group with a heap of links');
  }
}

const sizeBits = 0x03;
const hasOrder = 0x04;
const hasType = 0x08;
const hasCharacters = 0x10;

function readLink(body: Buffer): Link {
  const fields = new Cursor(body);
  fields.expect(1);
  const flags = fields.number(1);
  if ((flags & ~(sizeBits | hasOrder | hasType | hasCharacters)) !== 0) {
    throw new OutsideFormatError('a link with flags that are not known');
  }
  if ((flags & hasType) !== 0) {
    fields.expect(0);
  }
  fields.skip((flags & hasOrder) === 0 ? 0 : 8);
  fields.skip((flags & hasCharacters) === 0 ? 0 : 1);
  const size = 2 ** (flags & sizeBits);
  if (size === 8) {
    throw new OutsideFormatError('a name of any length');
  }
  const name = nameOf(fields.bytes(fields.bytes(size).readUIntLE(0, size)));
  return { name, address: fields.long() };
}
