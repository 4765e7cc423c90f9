import { clockIsSetMs } from '../../base/clock-step.js';
import type { ClockReport } from '../../platform/machine-clock.js';
import type { Finding } from './finding.js';

const setByServer = 'sudo timedatectl set-ntp true';

/** Judges the wall clock, by which records are dated and the age of a saved state is told. */
export function clockFinding(
  { isSynchronized, batteryClocks }: ClockReport,
  nowMs: number,
): Finding {
  const what = 'clock';
  const now = new Date(nowMs).toISOString();
  const battery =
    batteryClocks.length === 0
      ? 'no battery clock, so that after a power cut times are uncertain until it is set'
      : `battery clock ${batteryClocks.join(', ')}`;
  if (nowMs < clockIsSetMs) {
    const detail = `it shows ${now}, which cannot be; ${battery}`;
    return { what, verdict: 'warning', detail, fix: setByServer };
  }
  return isSynchronized
    ? { what, verdict: 'ok', detail: `synchronised with a time server; ${battery}` }
    : {
        what,
        verdict: 'warning',
        detail: `it shows ${now} and no time server confirms it; ${battery}`,
        fix: setByServer,
      };
}
