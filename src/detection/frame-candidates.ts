import { guessedNames, type Candidate } from './candidate.js';

const acceleration = ['x', 'y', 'z'];
const both = ['ax', 'ay', 'az', 'gx', 'gy', 'gz'];
const angles = ['yaw', 'pitch', 'roll'];
const mostCobsAxes = 64;
/** Around the readings of a COBS frame: sequence number, CRC, code byte and delimiter. */
const aroundCobs = 6;

/** The formats of sensors with a manual, with all axes first, and then fewer where not all are switched on. */
export function frameCandidates(bytes: Uint8Array): Candidate[] {
  return [
    ...sensorCandidates('witmotion', bytes.includes(0x55), 'checkedFrames'),
    ...sensorCandidates(
      'vectornav',
      bytes.includes(0xfa) || Buffer.from(bytes).includes('$VN'),
      'checkedFrames',
    ),
    ...sensorCandidates('xsens', Buffer.from(bytes).includes('faff', 0, 'hex'), 'checkedFrames'),
    ...cobsCandidates(bytes),
  ];
}

function sensorCandidates(
  decoder: string,
  isPossible: boolean,
  evidence: Candidate['evidence'],
): Candidate[] {
  return isPossible
    ? [both, acceleration, angles].map((axes) => ({
        decoder,
        axes,
        options: {},
        mostConfidence: 0.99,
        isUnnamed: false,
        evidence,
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
