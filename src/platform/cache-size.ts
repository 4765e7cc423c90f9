import { readFile } from 'node:fs/promises';

const firstLevel2 = '/sys/devices/system/cpu/cpu0/cache/index2';

/**
 * Bytes of the level-2 cache of the first CPU; null where Linux does not tell, as on some Arm boards.
 *
 * @param folder of the cache, as sysfs has it (Documentation/ABI/testing/sysfs-devices-system-cpu)
 */
export async function level2CacheBytes(folder = firstLevel2): Promise<number | null> {
  try {
    const level = await readFile(`${folder}/level`, 'utf8');
    const [, kib] = /^(\d+)K\s*$/.exec(await readFile(`${folder}/size`, 'utf8')) ?? [];
    return level.trim() === '2' && kib !== undefined ? Number(kib) * 1024 : null;
  } catch {
    return null;
  }
}
