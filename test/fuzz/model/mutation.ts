import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { parsePythonJson } from '#src/base/json.js';
import type { Specimen } from './corpus.js';
import { mutatedJson, pick, type Draw } from './json-mutation.js';

/** The specimen with one of its files damaged, in the container or in what is inside of it. */
export function mutated(specimen: Specimen, donor: Specimen, draw: Draw): Specimen {
  const names = [...specimen.files.keys()];
  const name = draw() < 0.7 ? specimen.main : (pick(draw, names) ?? specimen.main);
  const bytes = specimen.files.get(name) ?? new Uint8Array(0);
  const other = donor.files.get(donor.main) ?? bytes;
  const files = new Map(specimen.files);
  files.set(name, mutatedFile(bytes, other, draw));
  return { ...specimen, files };
}

function mutatedFile(bytes: Uint8Array, donor: Uint8Array, draw: Draw): Uint8Array {
  if (draw() < 0.25) {
    return mutatedBytes(bytes, donor, draw);
  }
  const magic = strFromU8(bytes.subarray(0, 4), true);
  if (magic.startsWith('PK')) {
    return mutatedArchive(bytes, donor, draw);
  }
  if (magic.startsWith('{')) {
    return mutatedText(bytes, draw);
  }
  return draw() < 0.5 ? mutatedEmbeddedJson(bytes, draw) : mutatedBytes(bytes, donor, draw);
}

/** A member is damaged and the archive made anew, so that its checksums are right. */
function mutatedArchive(bytes: Uint8Array, donor: Uint8Array, draw: Draw): Uint8Array {
  const members = unzipSync(bytes);
  const names = Object.keys(members);
  const name = draw() < 0.5 ? 'config.json' : (pick(draw, names) ?? '');
  const member = members[name] ?? new Uint8Array(0);
  const damaged = name.endsWith('.json')
    ? mutatedText(member, draw)
    : mutatedBytes(member, donor, draw);
  const { [name]: _, ...others } = members;
  return zipSync(draw() < 0.05 ? others : { ...others, [name]: damaged }, { level: 1 });
}

function mutatedText(bytes: Uint8Array, draw: Draw): Uint8Array {
  let json = parsePythonJson(strFromU8(bytes));
  for (let left = 1 + Math.floor(draw() * 2); left > 0; left -= 1) {
    json = mutatedJson(json, draw);
  }
  return strToU8(JSON.stringify(json) ?? '');
}

/** JSON inside of HDF5 keeps its length: digits become others, a word becomes another word's neighbour. */
function mutatedEmbeddedJson(bytes: Uint8Array, draw: Draw): Uint8Array {
  const damaged = Buffer.from(bytes);
  const from = damaged.indexOf('{"');
  const length = damaged.indexOf(0, from) - from;
  for (let left = 1 + Math.floor(draw() * 4); left > 0; left -= 1) {
    const at = from + Math.floor(draw() * length);
    const now = damaged[at] ?? 0;
    const isDigit = now >= 0x30 && now <= 0x39;
    damaged[at] = isDigit ? 0x30 + Math.floor(draw() * 10) : 0x20 + Math.floor(draw() * 95);
  }
  return damaged;
}

function mutatedBytes(bytes: Uint8Array, donor: Uint8Array, draw: Draw): Uint8Array {
  const at = (limit: number) => Math.floor(draw() * limit);
  const damaged = Uint8Array.from(bytes);
  const way = draw();
  if (way < 0.1) {
    return damaged.subarray(0, at(damaged.length));
  }
  if (way < 0.3) {
    const from = at(donor.length);
    const piece = donor.subarray(from, from + at(64));
    const to = at(damaged.length);
    damaged.set(piece.subarray(0, damaged.length - to), to);
  } else if (way < 0.4) {
    const from = at(damaged.length);
    damaged.fill(draw() < 0.5 ? 0 : 0xff, from, from + at(32));
  } else if (way < 0.5) {
    const cut = at(damaged.length);
    return Buffer.concat([damaged.subarray(0, cut), damaged.subarray(cut + 1 + at(8))]);
  } else {
    // What steers the reading lies in the first pages and in small numbers.
    const limit = draw() < 0.5 ? Math.min(damaged.length, 2048) : damaged.length;
    for (let left = 1 + at(4); left > 0; left -= 1) {
      const index = at(limit);
      damaged[index] = (damaged[index] ?? 0) ^ (1 << at(8));
    }
  }
  return damaged;
}
