import { loadAddon, type Addon } from './addon.js';

/**
 * Does work before anything is there that would have to be saved: a signal ends the process at once, in exit
 * code 0, also within a piece of work in which the loop of events hears none, such as the packing of a large model.
 * Without the addon, whose handler it is, signals are heard as ever.
 *
 * @param message a line for whoever reads the log of a process that was ended so
 */
export async function endingAtSignals<T>(message: string, work: () => Promise<T>): Promise<T> {
  let addon: Addon;
  try {
    addon = loadAddon();
  } catch {
    return work();
  }
  addon.endAtSignals(`${message}\n`);
  try {
    return await work();
  } finally {
    addon.hearSignals();
  }
}
