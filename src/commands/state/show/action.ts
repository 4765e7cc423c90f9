import { join } from 'node:path';
import { nodeFileSystem } from '../../../platform/file-system.js';
import { machineClock } from '../../../platform/machine-clock.js';
import { elapsedMs, readClock } from '../../../state/saved-state.js';
import { slotNames, SlotPair } from '../../../state/slot-pair.js';
import { durationText } from '../../terminal/duration-text.js';
import {
  nothingSaved,
  savedStreams,
  statePlaceOf,
  type StatePlaceOptions,
} from '../saved/state-directory.js';

export interface StateShowOptions extends StatePlaceOptions {
  readonly json?: boolean;
}

/** One slot as `lstmd state show --json` prints it. */
interface SlotReport {
  readonly stream: string;
  readonly file: string;
  readonly content: 'ok' | 'empty' | 'damaged';
  readonly reason?: string;
  /** True when a start would resume from it. */
  newest?: boolean;
  readonly sequence?: number;
  readonly sampleCount?: number;
  readonly savedAt?: string;
  /** Null where nobody knows it: the machine was booted since, and its clock is not known to be right. */
  readonly ageSeconds?: number | null;
  readonly modelSha256?: string;
  readonly stateFloats?: number;
  /** Holds what the stream had told of its format, such as the order in a header row. */
  readonly learnt?: object;
}

/**
 * Prints the content of every slot of one stream or of all.
 *
 * @throws LstmdError as `savedStreams` does
 */
export async function showState(
  stream: string | undefined,
  options: StateShowOptions,
): Promise<void> {
  const place = await statePlaceOf(options);
  const reports: SlotReport[] = [];
  for (const name of await savedStreams(place, stream)) {
    reports.push(...(await reportStream(place.directory, name)));
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  } else if (reports.length === 0) {
    process.stderr.write(`${nothingSaved(place, stream)}\n`);
  } else {
    process.stdout.write(`${reports.map(reportText).join('\n')}\n`);
  }
}

async function reportStream(directory: string, stream: string): Promise<SlotReport[]> {
  const slots = new SlotPair(join(directory, stream), nodeFileSystem);
  const reports: SlotReport[] = [];
  for (const slot of slotNames) {
    const content = await slots.read(slot);
    if (content === null) {
      continue;
    }
    const place = { stream, file: slots.path(slot) };
    if (content.kind === 'empty') {
      reports.push({ ...place, content: 'empty' });
    } else if (content.kind === 'damaged') {
      reports.push({ ...place, content: 'damaged', reason: content.reason });
    } else {
      const { saved } = content;
      const ageMs = elapsedMs(saved.savedAt, readClock(machineClock()));
      reports.push({
        ...place,
        content: 'ok',
        sequence: saved.sequence,
        sampleCount: saved.sampleCount,
        savedAt: new Date(saved.savedAt.epochMs).toISOString(),
        ageSeconds: ageMs === null ? null : Math.round(ageMs / 1000),
        modelSha256: saved.modelSha256,
        stateFloats: saved.state.length,
        ...(saved.learnt !== null && { learnt: saved.learnt }),
      });
    }
  }
  const newest = Math.max(...reports.map(({ sequence }) => sequence ?? 0));
  for (const report of reports) {
    if (report.content === 'ok') {
      report.newest = report.sequence === newest;
    }
  }
  return reports;
}

function reportText(report: SlotReport): string {
  if (report.content !== 'ok') {
    const why = report.reason === undefined ? '' : `: ${report.reason}`;
    return `${report.stream}   ${report.content}${why}   ${report.file}`;
  }
  const { ageSeconds = null } = report;
  const age =
    ageSeconds === null
      ? `saved at ${report.savedAt ?? ''} by a clock that is not known to be right`
      : `saved ${durationText(ageSeconds * 1000)} ago`;
  return [
    report.stream,
    report.newest === true ? 'newest' : 'older',
    `${report.sampleCount ?? 0} samples`,
    age,
    `save ${report.sequence ?? 0}`,
    `${report.stateFloats ?? 0} floats`,
    `model ${report.modelSha256?.slice(0, 12) ?? ''}`,
    ...(report.learnt === undefined ? [] : [`learnt ${JSON.stringify(report.learnt)}`]),
    report.file,
  ].join('   ');
}
