import { readdir, readFile } from 'node:fs/promises';

/** The text of a file of sysfs without the blanks around it; null where there is none. */
export async function textIn(file: string): Promise<string | null> {
  const text = (await readFile(file, 'utf8').catch(() => '')).trim();
  return text === '' ? null : text;
}

/** The number in a file of sysfs; null where there is none. */
export async function numberIn(file: string): Promise<number | null> {
  const number = Number((await textIn(file)) ?? Number.NaN);
  return Number.isFinite(number) ? number : null;
}

/** The names in a folder of sysfs or of devices; none where it is not there. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** The number of a device (`st_dev`, `st_rdev`) as Linux writes it in the names of its folders: 179:2. */
export function deviceNumber(device: number): string {
  const number = BigInt(device);
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n);
  const minor = (number & 0xffn) | ((number >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}
