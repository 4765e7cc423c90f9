import type { TrialStream } from '../../agent/trial-stream.js';

/** `wearer: 260 samples in 10.0 s, 26.0/s (26 configured); 260 predictions, 2 events`, in one line. */
export function summary(stream: TrialStream, elapsedMs?: number): string {
  const { name, samples, bytes, measuredHz, gaps, published, prepared } = stream;
  if (samples === 0) {
    const why = causeOf(stream);
    return `${name}: no sample came, and ${count(bytes, 'byte')}: ${why}`;
  }
  const { rateHz } = prepared.config.sensor;
  return [
    `${name}: ${count(samples, 'sample')}`,
    elapsedMs === undefined ? '' : ` in ${(elapsedMs / 1000).toFixed(1)} s`,
    measuredHz === null ? '' : `, ${measuredHz.toFixed(2)}/s (${rateHz} configured)`,
    `; ${count(published.predictions, 'prediction')}, ${count(published.events, 'event')}`,
    gaps.count === 0 ? '' : `; ${count(gaps.count, 'gap')} of ${Math.round(gaps.lengthMs)} ms`,
    published.notFinite === 0 ? '' : `; ${published.notFinite} outputs not finite`,
  ].join('');
}

/** Why a sensor gave no sample. */
function causeOf({ bytes, obstacle, prepared }: TrialStream): string {
  return bytes === 0
    ? (obstacle ?? `${prepared.config.sensor.link} gave nothing`)
    : 'they are none of what sensor.decoder reads, or too few; "lstmd detect" tells what a port sends';
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
