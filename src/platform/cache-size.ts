import { numberIn, textIn } from './sys-files.js';

const firstLevel2 = '/sys/devices/system/cpu/cpu0/cache/index2';

/**
 * Bytes of the level-2 cache of the first CPU; null where Linux does not tell, as on some Arm boards.
 *
 * @param folder of the cache, as sysfs has it (Documentation/ABI/testing/sysfs-devices-system-cpu)
 */
export async function level2CacheBytes(folder = firstLevel2): Promise<number | null> {
  const level = await numberIn(`${folder}/level`);
  const [, kib] = /^(\d+)K$/.exec((await textIn(`${folder}/size`)) ?? '') ?? [];
  return level === 2 && kib !== undefined ? Number(kib) * 1024 : null;
}
