import { measurePeers } from '../agent/compare-peers.js';
import { ratioOf, type Ratios } from './ratio.js';

/** The figures of `npm run bench -- agent` that are better the smaller they are, and hardly those of the scheduler. */
const compared = ['first, ms', 'loop, CPU us a msg', 'CPU %', 'RSS MiB'];
const rateHz = 100;

/**
 * Measures lstmd beside the script with serialport.
 *
 * @param seconds of each phase of a round
 * @returns undefined where there is no Mosquitto
 */
export async function agentRatios(rounds: number, seconds: number): Promise<Ratios | undefined> {
  const results = await measurePeers(
    { rounds, seconds, rateHz },
    ({ name }) => name === 'serialport script',
  );
  if (results === undefined) {
    return undefined;
  }
  const [script, own] = results;
  const ratios = compared.map((figure) => {
    const base = script?.figures[figure] ?? [];
    const values = (own?.figures[figure] ?? []).map((value, i) => value / (base[i] ?? 0));
    return [`${figure}, to the script's`, ratioOf(values)] as const;
  });
  return Object.fromEntries(ratios);
}
