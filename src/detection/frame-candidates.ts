import type { DecoderDefinition } from '../sensor/decoders/definition.js';
import { decoders } from '../sensor/decoders/registry.js';
import { guessedNames, type Candidate } from './candidate.js';

/** Acceleration and rotation, acceleration alone, and angles. */
const motionAxes = [
  ['ax', 'ay', 'az', 'gx', 'gy', 'gz'],
  ['x', 'y', 'z'],
  ['yaw', 'pitch', 'roll'],
];
const mostCobsAxes = 64;
/** Around the readings of a COBS frame: sequence number, CRC, code byte and delimiter. */
const aroundCobs = 6;

/** The formats that have a signature, with all axes first, and then fewer where not all are switched on. */
export function frameCandidates(bytes: Uint8Array): Candidate[] {
  return [
    ...decoders.flatMap((decoder) => signedCandidates(decoder, bytes)),
    ...cobsCandidates(bytes),
  ];
}

function signedCandidates({ name, signature }: DecoderDefinition, bytes: Uint8Array): Candidate[] {
  return signature?.isPossible(bytes) === true
    ? (signature.axes ?? motionAxes).map((axes) => ({
        decoder: name,
        axes,
        options: {},
        mostConfidence: 0.99,
        isUnnamed: false,
        evidence: 'checkedFrames',
        notes: [],
      }))
    : [];
}

/** COBS frames tell by their length how many readings they hold. */
function cobsCandidates(bytes: Uint8Array): Candidate[] {
  const lengths = new Map<number, number>();
  let last = -1;
  for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, at + 1)) {
    const length = at - last;
    if (last !== -1 && length > 1) {
      lengths.set(length, (lengths.get(length) ?? 0) + 1);
    }
    last = at;
  }
  const usual = [...lengths].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
  const axes = (usual - aroundCobs) / 4;
  return Number.isInteger(axes) && axes >= 1 && axes <= mostCobsAxes
    ? [
        {
          decoder: 'cobs',
          axes: guessedNames(axes),
          options: {},
          mostConfidence: 0.99,
          isUnnamed: false,
          evidence: 'checkedFrames',
          notes: ['a COBS frame has no names: those of its axes are guesses'],
        },
      ]
    : [];
}
