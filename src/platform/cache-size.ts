import { numberIn, textIn } from './sys-files.js';

const ofFirstCpu = '/sys/devices/system/cpu/cpu0/cache';

/** The caches of a CPU, in bytes. */
export interface CacheSizes {
  readonly level2: number;
  /** The size of the last cache before the memory: of level 3 where there is one, else of level 2. */
  readonly last: number;
}

/**
 * The caches of the first CPU; null where Linux does not tell, as on some Arm boards.
 *
 * @param folder of the caches, as sysfs has it (Documentation/ABI/testing/sysfs-devices-system-cpu)
 */
export async function cacheSizes(folder = ofFirstCpu): Promise<CacheSizes | null> {
  const level2 = await bytesOfLevel(folder, 2);
  return level2 === null ? null : { level2, last: (await bytesOfLevel(folder, 3)) ?? level2 };
}

async function bytesOfLevel(folder: string, level: number): Promise<number | null> {
  const cache = `${folder}/index${level}`;
  const found = await numberIn(`${cache}/level`);
  const [, kib] = /^(\d+)K$/.exec((await textIn(`${cache}/size`)) ?? '') ?? [];
  return found === level && kib !== undefined ? Number(kib) * 1024 : null;
}
