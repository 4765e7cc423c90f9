import { join } from 'node:path';
import { nodeFileSystem } from '../../../platform/file-system.js';
import { slotNames, SlotPair } from '../../../state/slot-pair.js';
import { durationText } from '../../terminal/duration-text.js';
import { stateDirectoryOf, streamsIn, type StatePlaceOptions } from '../saved/state-directory.js';

export interface StateShowOptions extends StatePlaceOptions {
  readonly json?: boolean;
}

/** One slot as `lstmd state show --json` prints it. */
interface SlotReport {
  readonly stream: string;
  readonly file: string;
  readonly content: 'ok' | 'empty' | 'damaged';
  readonly reason?: string;
  /** Whether a start would resume from it. */
  newest?: boolean;
  readonly sequence?: number;
  readonly sampleCount?: number;
  readonly savedAt?: string;
  readonly ageSeconds?: number;
  readonly modelSha256?: string;
  readonly stateFloats?: number;
}

/**
 * Prints the content of every slot of one stream or of all.
 *
 * @throws LstmdError `state.unreadable` where there is no such directory or stream
 */
export async function showState(
  stream: string | undefined,
  options: StateShowOptions,
): Promise<void> {
  const directory = await stateDirectoryOf(options);
  const reports: SlotReport[] = [];
  for (const name of await streamsIn(directory, stream)) {
    reports.push(...(await reportStream(directory, name)));
  }
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(reports, null, 2)}\n`
      : `${reports.map(reportText).join('\n')}\n`,
  );
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
      const { record } = content;
      reports.push({
        ...place,
        content: 'ok',
        sequence: record.sequence,
        sampleCount: record.sampleCount,
        savedAt: new Date(record.savedMs).toISOString(),
        ageSeconds: Math.round((Date.now() - record.savedMs) / 1000),
        modelSha256: record.modelSha256,
        stateFloats: record.state.length,
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
  const age = durationText((report.ageSeconds ?? 0) * 1000);
  return [
    report.stream,
    report.newest === true ? 'newest' : 'older',
    `${report.sampleCount ?? 0} samples`,
    `saved ${age} ago`,
    `save ${report.sequence ?? 0}`,
    `${report.stateFloats ?? 0} floats`,
    `model ${report.modelSha256?.slice(0, 12) ?? ''}`,
    report.file,
  ].join('   ');
}
