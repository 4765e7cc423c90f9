import { createDecoder, decoders } from '../sensor/decoders/registry.js';
import { isText } from '../sensor/decoders/text/line-diagnosis.js';
import { binaryCandidates } from './binary-candidates.js';
import type { Candidate } from './candidate.js';
import { bytesOf, type Capture } from './capture.js';
import { confidenceOf } from './confidence.js';
import { csvCandidates } from './csv-candidates.js';
import type { Finding } from './finding.js';
import { frameCandidates } from './frame-candidates.js';
import { findGravity, gravityText } from './gravity.js';
import { jsonCandidates } from './json-candidates.js';
import { wholeLines } from './text-lines.js';
import { tryDecoder, type Trial } from './trial.js';

/** Formats that read the bytes of a capture, the most confident first; none where nothing does. */
export function findFormats(capture: Capture): Finding[] {
  const bytes = bytesOf(capture);
  if (bytes.length === 0) {
    return [];
  }
  const findings = [...candidatesOf(bytes, capture)]
    .flatMap((candidate) => findingOf(candidate, capture) ?? [])
    .toSorted((a, b) => b.confidence - a.confidence || b.axes.length - a.axes.length);
  // Only the best of one decoder is told: its other layouts read the same rows.
  return findings.filter(
    ({ decoder }, n) => findings.findIndex((other) => other.decoder === decoder) === n,
  );
}

function candidatesOf(bytes: Uint8Array, capture: Capture): Candidate[] {
  const lines = isText(bytes) ? wholeLines(bytes) : [];
  const periodMs = linePeriodMs(capture);
  const framed = frameCandidates(bytes);
  const text = [...csvCandidates(lines, periodMs), ...jsonCandidates(lines, periodMs)];
  // Frames that a manual describes would be found as somebody's own ones too.
  const own = lines.length > 0 ? [] : binaryCandidates(bytes);
  return [...framed, ...text, ...own];
}

/** Milliseconds from line to line, as they arrived. */
function linePeriodMs({ chunks }: Capture): number | undefined {
  const ends = chunks.map(({ bytes, arrivalMs }) => ({
    arrivalMs,
    lines: bytes.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0),
  }));
  const first = ends.findIndex(({ lines }) => lines > 0);
  const last = ends.findLastIndex(({ lines }) => lines > 0);
  const between = ends.slice(first + 1, last + 1).reduce((count, { lines }) => count + lines, 0);
  const ms = (ends[last]?.arrivalMs ?? 0) - (ends[first]?.arrivalMs ?? 0);
  return between < 2 ? undefined : ms / between;
}

function findingOf(candidate: Candidate, capture: Capture): Finding | undefined {
  const { decoder, axes, options, places, notes, isUnnamed } = candidate;
  const section = { ...options, decoder, axes };
  const definition = decoders.find(({ name }) => name === decoder);
  if (definition === undefined || definition.faults(section).length > 0) {
    return undefined;
  }
  const trial = tryDecoder(createDecoder(section), capture);
  if (trial.rows === 0) {
    return undefined;
  }
  const gravity = findGravity(axes, trial.readings) ?? null;
  if (gravity === null && candidate.needsGravity === true) {
    return undefined;
  }
  const units = unitsOf(candidate, trial, gravity);
  return {
    decoder,
    axes,
    options,
    ...(places === undefined ? {} : { places }),
    notes,
    isUnnamed,
    confidence: confidenceOf(candidate, trial, gravity !== null),
    rows: trial.rows,
    lost: trial.lost,
    rateHz: trial.rateHz ?? null,
    ranges: axes.map((_, axis) => ({ min: trial.min[axis] ?? 0, max: trial.max[axis] ?? 0 })),
    units: units.map((unit) => unit ?? null),
    unitsFrom: unitsFrom(trial, gravity),
    gravity,
  };
}

function unitsOf(
  { axes }: Candidate,
  { units }: Trial,
  gravity: Finding['gravity'],
): (string | undefined)[] {
  return axes.map((_, axis) => {
    const isGravity = gravity !== null && axis >= gravity.axis && axis < gravity.axis + 3;
    return units[axis] ?? (isGravity ? gravity.unit : undefined);
  });
}

function unitsFrom({ units }: Trial, gravity: Finding['gravity']): string | null {
  if (units.some((unit) => unit !== undefined)) {
    return 'the format';
  }
  if (gravity === null) {
    return null;
  }
  return gravityText(gravity);
}
