import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { parsePythonJson } from '#src/base/json.js';
import type { Specimen } from './corpus.js';
import { mutatedJson, pick, type RandomNumber } from './json-mutation.js';

/** A specimen with one of its files damaged, either the container or its content. */
export function mutated(specimen: Specimen, donor: Specimen, random: RandomNumber): Specimen {
  const names = [...specimen.files.keys()];
  const name = random() < 0.7 ? specimen.main : (pick(random, names) ?? specimen.main);
  const bytes = specimen.files.get(name) ?? new Uint8Array(0);
  const other = donor.files.get(donor.main) ?? bytes;
  const files = new Map(specimen.files);
  files.set(name, mutatedFile(bytes, other, random));
  return { ...specimen, files };
}

function mutatedFile(bytes: Uint8Array, donor: Uint8Array, random: RandomNumber): Uint8Array {
  if (random() < 0.25) {
    return mutatedBytes(bytes, donor, random);
  }
  const magic = strFromU8(bytes.subarray(0, 4), true);
  if (magic.startsWith('PK')) {
    return mutatedArchive(bytes, donor, random);
  }
  if (magic.startsWith('{')) {
    return mutatedText(bytes, random);
  }
  return random() < 0.5 ? mutatedEmbeddedJson(bytes, random) : mutatedBytes(bytes, donor, random);
}

/** Damages a member and makes the archive anew, so that its checksums are right. */
function mutatedArchive(bytes: Uint8Array, donor: Uint8Array, random: RandomNumber): Uint8Array {
  const members = unzipSync(bytes);
  const names = Object.keys(members);
  const name = random() < 0.5 ? 'config.json' : (pick(random, names) ?? '');
  const member = members[name] ?? new Uint8Array(0);
  const damaged = name.endsWith('.json')
    ? mutatedText(member, random)
    : mutatedBytes(member, donor, random);
  const { [name]: _, ...others } = members;
  return zipSync(random() < 0.05 ? others : { ...others, [name]: damaged }, { level: 1 });
}

function mutatedText(bytes: Uint8Array, random: RandomNumber): Uint8Array {
  let json = parsePythonJson(strFromU8(bytes));
  for (let left = 1 + Math.floor(random() * 2); left > 0; left -= 1) {
    json = mutatedJson(json, random);
  }
  return strToU8(JSON.stringify(json) ?? '');
}

/** Damages JSON inside of HDF5, which keeps its length: digits become other digits, letters any character. */
function mutatedEmbeddedJson(bytes: Uint8Array, random: RandomNumber): Uint8Array {
  const damaged = Buffer.from(bytes);
  const from = damaged.indexOf('{"');
  const length = damaged.indexOf(0, from) - from;
  for (let left = 1 + Math.floor(random() * 4); left > 0; left -= 1) {
    const at = from + Math.floor(random() * length);
    const now = damaged[at] ?? 0;
    const isDigit = now >= 0x30 && now <= 0x39;
    damaged[at] = isDigit ? 0x30 + Math.floor(random() * 10) : 0x20 + Math.floor(random() * 95);
  }
  return damaged;
}

function mutatedBytes(bytes: Uint8Array, donor: Uint8Array, random: RandomNumber): Uint8Array {
  const at = (limit: number) => Math.floor(random() * limit);
  const damaged = Uint8Array.from(bytes);
  const way = random();
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
    damaged.fill(random() < 0.5 ? 0 : 0xff, from, from + at(32));
  } else if (way < 0.5) {
    const cut = at(damaged.length);
    return Buffer.concat([damaged.subarray(0, cut), damaged.subarray(cut + 1 + at(8))]);
  } else {
    // Half of the flips hit the first pages, where the structures lie that steer the reading.
    const limit = random() < 0.5 ? Math.min(damaged.length, 2048) : damaged.length;
    for (let left = 1 + at(4); left > 0; left -= 1) {
      const index = at(limit);
      damaged[index] = (damaged[index] ?? 0) ^ (1 << at(8));
    }
  }
  return damaged;
}
