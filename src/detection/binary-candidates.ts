import { checksumKinds, type ChecksumName } from '../sensor/decoders/frames/checksum-kinds.js';
import { unsigned } from '../sensor/decoders/frames/numbers.js';
import { guessedNames, type Candidate } from './candidate.js';
import { guessFields } from './binary-fields.js';
import { framePeriods, type FramePeriod } from './frame-period.js';

/** Holds what is looked at of a long capture. */
const mostBytes = 8192;
/** So many frames with a checksum of one byte, and of two. */
const leastFrames = { 1: 6, 2: 3 } as const;
/** A checksum that is right in so many frames is one; chance gives it for constant bytes alone. */
const goodShare = 0.9;
const leastDistinct = { 1: 4, 2: 3 } as const;

/** A frame's marks, as the options of the decoder `binary` name them. */
interface FrameMarks {
  readonly start: number;
  readonly syncBytes: number;
  readonly checksum: ChecksumName;
  readonly checksumFrom: 'sync' | 'fields';
  readonly checksumEndian: 'little' | 'big';
}

/**
 * Frames of nobody's manual: of one length, with a sync mark and a checksum of a usual kind. Frames without a
 * checksum are not claimed, because so much else looks like them.
 */
export function binaryCandidates(bytes: Uint8Array): Candidate[] {
  const looked = bytes.subarray(-mostBytes);
  for (const period of framePeriods(looked)) {
    const marks = findMarks(looked, period);
    if (marks !== undefined) {
      return candidatesOf(looked, period, marks);
    }
  }
  return [];
}

function candidatesOf(looked: Uint8Array, period: FramePeriod, marks: FrameMarks): Candidate[] {
  const frames = framesOf(looked, period.length, marks.start);
  const { bytes: checksumBytes } = checksumKinds[marks.checksum];
  const payload = frames.map((frame) =>
    frame.subarray(marks.syncBytes, period.length - checksumBytes),
  );
  const guess = guessFields(payload);
  if (guess === undefined) {
    return [];
  }
  const axes = guessedNames(guess.axes);
  const sync = Buffer.from(frames[0]?.subarray(0, marks.syncBytes) ?? []).toString('hex');
  const { checksum, checksumFrom, checksumEndian } = marks;
  return [
    {
      decoder: 'binary',
      axes,
      options: {
        sync: sync.replaceAll(/(..)(?=.)/g, '$1 '),
        frame: [...guess.before, ...axes.map((axis) => `${guess.type} ${axis}`), ...guess.behind],
        ...(guess.endian === 'little' ? {} : { endian: guess.endian }),
        checksum,
        ...(checksumFrom === 'sync' ? {} : { checksumFrom }),
        ...(checksumEndian === guess.endian ? {} : { checksumEndian }),
      },
      mostConfidence: 0.9,
      isUnnamed: true,
      evidence: 'checkedFrames',
      notes: [
        `its checksum is right; that its fields are ${guess.type}, and their names, are guesses: compare them with what the firmware sends`,
      ],
    },
  ];
}

function framesOf(bytes: Uint8Array, length: number, start: number): Uint8Array[] {
  const count = Math.floor((bytes.length - start) / length);
  return Array.from({ length: count }, (_, n) =>
    bytes.subarray(start + n * length, start + (n + 1) * length),
  );
}

function findMarks(bytes: Uint8Array, { length, constant }: FramePeriod): FrameMarks | undefined {
  const starts = [...constant.keys()].filter(
    (place) => !constant.has((place + length - 1) % length) && constant.has((place + 1) % length),
  );
  const names = Object.keys(checksumKinds).filter((name) => isChecksum(name));
  for (const start of starts) {
    const frames = framesOf(bytes, length, start);
    for (const checksum of names) {
      for (const [syncBytes, checksumFrom] of froms) {
        for (const checksumEndian of ['little', 'big'] as const) {
          const marks = { start, syncBytes, checksum, checksumFrom, checksumEndian };
          if (isChecked(frames, marks)) {
            return marks;
          }
        }
      }
    }
  }
  return undefined;
}

const froms = [
  [2, 'sync'],
  [2, 'fields'],
  [1, 'fields'],
  [3, 'fields'],
] as const;

function isChecksum(name: string): name is ChecksumName {
  return name !== 'none' && Object.hasOwn(checksumKinds, name);
}

function isChecked(frames: readonly Uint8Array[], marks: FrameMarks): boolean {
  const { checksum, syncBytes, checksumFrom, checksumEndian } = marks;
  const kind = checksumKinds[checksum];
  const size = kind.bytes === 2 ? 2 : 1;
  const from = checksumFrom === 'sync' ? 0 : syncBytes;
  const sums = new Set<number>();
  const mostBad = (1 - goodShare) * frames.length;
  let good = 0;
  for (const [n, frame] of frames.entries()) {
    if (n - good > mostBad) {
      return false;
    }
    const at = frame.length - kind.bytes;
    const sum = unsigned(frame, at, kind.bytes, checksumEndian === 'little');
    if (kind.compute(frame, from, at) === sum) {
      good += 1;
      sums.add(sum);
    }
  }
  return (
    frames.length >= leastFrames[size] &&
    good >= goodShare * frames.length &&
    sums.size >= leastDistinct[size]
  );
}
