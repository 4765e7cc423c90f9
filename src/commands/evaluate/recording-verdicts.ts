import { numberText, shareText } from './number-text.js';
import type { TaskReport } from './report.js';

/** Holds what a mode is worth on one recording. */
export interface RecordingVerdict {
  readonly recording: number;
  /** Above zero where it is not perfect; the larger, the worse, within a mode. */
  readonly badness: number;
  readonly text: string;
}

/** The verdicts of a mode on all recordings of which outputs were judged. */
export function recordingVerdicts(report: TaskReport): RecordingVerdict[] {
  switch (report.task) {
    case 'classify':
      return report.recordings
        .filter(({ outputs }) => outputs > 0)
        .map(({ recording, outputs, right }) => ({
          recording,
          badness: 1 - right / outputs,
          text: `${shareText(right / outputs)} right`,
        }));
    case 'regress':
      return report.recordings
        .filter(({ count }) => count > 0)
        .map(({ recording, mae }) => ({
          recording,
          badness: mae ?? 0,
          text: `mean absolute error ${numberText(mae)}`,
        }));
    case 'reconstruct':
    case 'forecast':
      return report.recordings
        .filter(({ count }) => count > 0)
        .map(({ recording, mean, max }) => ({
          recording,
          badness: max ?? 0,
          text: `${report.measure} ${numberText(mean)} on the average, ${numberText(max)} at most`,
        }));
  }
}

/** The worst recordings of a mode, worst first. */
export function worstRecordings(report: TaskReport, count: number): RecordingVerdict[] {
  return recordingVerdicts(report)
    .filter(({ badness }) => badness > 0)
    .sort((a, b) => b.badness - a.badness)
    .slice(0, count);
}
