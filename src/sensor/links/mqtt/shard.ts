/** A part of the devices of a pattern, of which each box has another one. */
export interface Shard {
  /** From 1 to `of`. */
  readonly number: number;
  /** How many boxes share the devices. */
  readonly of: number;
}

/** Returns whether a device is one of the shard's. */
export function isOfShard(device: string, { number, of }: Shard): boolean {
  return shardOf(device, of) === number;
}

/**
 * The shard of a device, from 1 to `shards`: the same on every box, and as even as chance makes it. Where one more shard is
 * added, only its devices move (J. Lamping, E. Veach: A Fast, Minimal Memory, Consistent Hash Algorithm, 2014).
 */
export function shardOf(device: string, shards: number): number {
  let seed = nameHash(device);
  let shard = 0;
  let next = 0;
  while (next < shards) {
    shard = next;
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    next = Math.floor((shard + 1) / ((mixed(seed) + 1) / 2 ** 32));
  }
  return shard + 1;
}

/** FNV-1a of the name's UTF-16 code units, 32 bits. */
function nameHash(name: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let n = 0; n < name.length; n += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(n), 0x01_00_01_93);
  }
  return hash >>> 0;
}

/** The finish of MurmurHash3: every bit hangs on all others. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
