import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { configSchema } from '../../agent/config-schema.js';
import { loadConfig } from '../../config/load-config.js';
import { LstmdError, messageOf } from '../../base/errors.js';
import { DirectoryLock } from '../../platform/directory-lock.js';
import { nodeFileSystem } from '../../platform/file-system.js';
import { slotNames, SlotPair } from '../../state/slot-pair.js';
import { durationText } from '../terminal/duration-text.js';

export interface StateOptions {
  readonly config?: string;
  readonly stateDirectory?: string;
  readonly json?: boolean;
}

/** What `lstmd state show --json` prints of one slot. */
interface SlotReport {
  readonly stream: string;
  readonly file: string;
  readonly content: 'ok' | 'empty' | 'damaged';
  readonly reason?: string;
  /** The one a start would resume from. */
  newest?: boolean;
  readonly sequence?: number;
  readonly sampleCount?: number;
  readonly savedAt?: string;
  readonly ageSeconds?: number;
  readonly modelSha256?: string;
  readonly stateFloats?: number;
}

/**
 * Prints what every slot of one stream or of all holds.
 *
 * @throws LstmdError `state.unreadable` where there is no such directory or stream
 */
export async function showState(stream: string | undefined, options: StateOptions): Promise<void> {
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

/**
 * Removes the slots of one stream or of all.
 *
 * @throws LstmdError `state.locked` while a daemon uses the directory
 */
export async function resetState(stream: string | undefined, options: StateOptions): Promise<void> {
  const directory = await stateDirectoryOf(options);
  const streams = await streamsIn(directory, stream);
  const lock = new DirectoryLock();
  await lock.acquire(directory);
  try {
    for (const name of streams) {
      const removed = await new SlotPair(join(directory, name), nodeFileSystem).remove();
      process.stderr.write(`${name}: ${removed === 0 ? 'nothing was saved' : 'forgotten'}\n`);
    }
  } finally {
    await lock.release();
  }
}

async function stateDirectoryOf({ config, stateDirectory }: StateOptions): Promise<string> {
  if (stateDirectory !== undefined) {
    return resolve(stateDirectory);
  }
  if (config !== undefined) {
    return (await loadConfig(configSchema, config)).config.stateDirectory;
  }
  return resolve(process.env['STATE_DIRECTORY'] ?? './state');
}

async function streamsIn(directory: string, stream: string | undefined): Promise<string[]> {
  let names: string[];
  try {
    names = (await readdir(directory, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    throw new LstmdError(
      'state.unreadable',
      `no state directory: ${messageOf(cause)}; name it with --config or --state-directory`,
      { cause },
    );
  }
  if (stream === undefined) {
    return names;
  }
  if (names.includes(stream)) {
    return [stream];
  }
  throw new LstmdError(
    'state.unreadable',
    `no stream "${stream}" in ${directory}; there ${names.length === 0 ? 'is none' : `are: ${names.join(', ')}`}`,
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
