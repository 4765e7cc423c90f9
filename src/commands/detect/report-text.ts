import { confidenceText } from '../../detection/finding.js';
import { sensorSection, yamlLines } from '../../detection/sensor-yaml.js';
import { table } from '../terminal/table.js';
import { likelyFormat, type DetectedFormat, type Detection } from './detection.js';

const mostFormats = 6;
const mostAxesShown = 9;
/** At so many speeds the silence of a slow sensor is waited out (`baud-sweep.ts`). */
const speedsAtOnce = 4;

/** The report for people: the ranked formats and the YAML of the best, or what came instead. */
export function detectionText(detection: Detection): string {
  const { formats, port } = detection;
  const best = likelyFormat(detection);
  return [
    ...(formats.length === 0 ? [] : [...formatTable(formats.slice(0, mostFormats)), '']),
    ...(best === undefined ? unknownLines(detection) : foundLines(best, port)),
  ].join('\n');
}

function formatTable(formats: readonly DetectedFormat[]): string[] {
  const rows = formats.map((format) => [
    `${Math.round(100 * format.confidence)} %, ${confidenceText(format.confidence)}`,
    format.decoder,
    `${format.baudRate}`,
    format.rateHz === null ? '?' : `${Number(format.rateHz.toPrecision(3))} Hz`,
    format.axes.slice(0, mostAxesShown).join(' '),
    unitsText(format),
    `${format.rows}${format.lost === 0 ? '' : `, ${format.lost} lost`}`,
  ]);
  return table([['confidence', 'decoder', 'baud', 'rate', 'axes', 'units', 'rows'], ...rows]);
}

function unitsText({ units }: DetectedFormat): string {
  const names = units.map((unit) => unit ?? '?');
  return new Set(names).size === 1 ? (names[0] ?? '') : names.slice(0, mostAxesShown).join(' ');
}

function foundLines(best: DetectedFormat, port: string): string[] {
  const { axes, ranges, units, unitsFrom } = best;
  const rows = axes.map((axis, n) => [
    axis,
    numberText(ranges[n]?.min),
    numberText(ranges[n]?.max),
    units[n] ?? 'unknown',
  ]);
  return [
    ...table([['axis', 'least', 'most', 'unit'], ...rows]),
    ...(unitsFrom === null
      ? ['nothing tells the units: no gravity is among the readings']
      : [`units by ${unitsFrom}`]),
    ...(unitsFrom !== null && units.includes(null)
      ? ['the others have no gravity to tell them by: say sensor.units, one for each axis']
      : []),
    ...best.notes.map((note) => `note: ${note}`),
    '',
    'To paste under streams.<name>:',
    '',
    'sensor:',
    ...yamlLines(sensorSection(best, port, best.baudRate), '  '),
  ];
}

/** Returns what came where nothing is at least likely. */
function unknownLines(detection: Detection): string[] {
  const { formats, heard, polled, silentSlave } = detection;
  const notes = (formats[0]?.notes ?? []).map((note) => `note: ${note}`);
  const rows = heard
    .filter(({ kind }) => kind !== 'nothing')
    .map(({ baudRate, bytesPerSecond, words, shown }) => [
      `${baudRate}`,
      `${bytesPerSecond}`,
      words,
      shown,
    ]);
  if (silentSlave !== undefined) {
    return [
      `slave ${silentSlave.slave} answers at ${silentSlave.baudRate} baud, but has none of the registers 0 to 511: its manual says which it has`,
    ];
  }
  if (polled !== undefined && formats.length === 0) {
    return [
      `no slave answers at ${polled.join(', ')} baud, with parity none, even or odd: is it powered, are A and B swapped, does another master ask on the line?`,
      'Slaves 80, 1, 2, 3, 10, 100 and 247 were asked at each, all 247 at the first two; --baud names other speeds.',
    ];
  }
  if (polled !== undefined) {
    return notes;
  }
  if (rows.length === 0) {
    return [
      `nothing came at any of ${heard.length} speeds: does the sensor send by itself, is its TX wired to RX, does it have power?`,
      'A sensor that is to be asked, as Modbus ones are, says nothing until it is: lstmd detect --poll modbus asks.',
    ];
  }
  return [
    ...notes,
    'No format is known for what came:',
    ...table([['baud', 'bytes/s', 'looks like', 'the last of it'], ...rows]),
    ...silentLines(detection),
    'If you know the format, write its section by hand: sensor.decoder csv, jsonl or binary describe most.',
  ];
}

/**
 * Names the speeds at which a sensor that was heard at others said nothing: it sends too seldom to be heard at each in the time
 * that there is for all of them.
 */
function silentLines({ heard, port }: Detection): string[] {
  const silent = heard.filter(({ kind }) => kind === 'nothing').map(({ baudRate }) => baudRate);
  return silent.length === 0
    ? []
    : [
        `It sends so seldom that nothing came at ${silent.join(', ')} baud. Listen at a few of them at a time, which leaves longer for each:`,
        ...silent
          .filter((_, n) => n % speedsAtOnce === 0)
          .map((_, n) => silent.slice(n * speedsAtOnce, (n + 1) * speedsAtOnce).join(','))
          .map((few) => `  lstmd detect --baud ${few} ${port}`),
      ];
}

function numberText(value: number | undefined): string {
  return value === undefined ? '' : `${Number(value.toPrecision(5))}`;
}
