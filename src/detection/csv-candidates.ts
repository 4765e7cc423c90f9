import { axisKey } from '../sensor/decoders/axis-key.js';
import { hasDecimalCommas } from '../sensor/decoders/text/decimal-commas.js';
import { CsvLine } from '../sensor/decoders/text/csv-line.js';
import { guessedNames, type Candidate, type CountedFields } from './candidate.js';
import { labelledCandidates } from './labelled-candidates.js';
import { isCounterName, isTimeName, risingColumn, type RisingColumn } from './time-column.js';

const longestLine = 1024;
const mostAxes = 64;

/** Lines cut into fields, of which one number of fields is the usual. */
interface Columns {
  readonly fields: number;
  /** Values by column; NaN where a field is no number. */
  readonly values: readonly (readonly number[])[];
  readonly rows: number;
  /** Names by column, from a header line. */
  readonly header: readonly string[] | undefined;
  /** True for each column of dates, or times of day. */
  readonly isDated: readonly boolean[];
  /** True when each row could be read with decimal commas. */
  readonly mayHaveDecimalCommas: boolean;
  /** The tag such as `$ACC` with which rows begin, where they do. */
  readonly tag: string | undefined;
}

/** The ways in which lines may be rows of numbers. */
export function csvCandidates(lines: readonly string[], periodMs: number | undefined): Candidate[] {
  if (
    lines.filter(isPositionSentence).length > lines.length / 3 ||
    lines.filter(hasDecimalCommas).length > lines.length / 3
  ) {
    return [];
  }
  const labelled = labelledCandidates(lines);
  const columns = columnsOf(lines);
  const plain = columns === undefined ? undefined : candidateOf(columns, periodMs);
  return [...labelled, ...(plain === undefined ? [] : [plain, ...triplesOf(plain)])];
}

/** Returns whether a line is a sentence of a satellite receiver, whose numbers are no readings. */
export function isPositionSentence(line: string): boolean {
  return /^\$(G[A-Z]|BD|QZ)[A-Z]{3},/.test(line);
}

/** Each three columns in a row of those that have no names and are not three or six: gravity shows which they are. */
function triplesOf(candidate: Candidate): Candidate[] {
  const { axes, options, places, isUnnamed, mostConfidence, notes } = candidate;
  if (
    places === undefined ||
    !('columns' in places) ||
    !isUnnamed ||
    axes.length < 4 ||
    axes.length === 6
  ) {
    return [];
  }
  const { columns } = places;
  return Array.from({ length: columns.length - 2 }, (_, from) => {
    const chosen = columns.slice(from, from + 3);
    const left = columns.filter((column) => !chosen.includes(column));
    return {
      ...candidate,
      axes: guessedNames(3),
      options: { ...options, ...places, columns: chosen },
      places: { ...places, columns: chosen },
      mostConfidence: Math.min(mostConfidence, 0.92),
      needsGravity: true,
      notes: [...notes, `field ${left.join(', ')} shows no gravity, and is left out`],
    };
  });
}

function columnsOf(lines: readonly string[]): Columns | undefined {
  const line = new CsvLine();
  const counts = new Map<number, number>();
  const short = lines.filter((text) => text.length <= longestLine);
  const split = (text: string): CsvLine => {
    const bytes = Buffer.from(text, 'latin1');
    line.split(bytes, 0, bytes.length);
    return line;
  };
  const tags = new Set(short.flatMap((text) => /^\$([A-Za-z]\w*),/.exec(text)?.[1] ?? []));
  const tag = tags.size === 1 ? [...tags][0] : undefined;
  const bare = short.map((text) =>
    tag === undefined ? text : text.replace(/^\$\w+,/, '').replace(/\*[\dA-Fa-f]{2}$/, ''),
  );
  for (const text of bare) {
    const { count } = split(text);
    const numbers = Array.from({ length: count }, (_, n) => line.kind(n) === 'number');
    if (numbers.includes(true)) {
      counts.set(count, (counts.get(count) ?? 0) + 1);
    }
  }
  const [most] = [...counts].toSorted((a, b) => b[1] - a[1]);
  if (most === undefined) {
    return undefined;
  }
  const [fields] = most;
  const values: number[][] = Array.from({ length: fields }, () => []);
  const isDated = values.map(() => true);
  let header: string[] | undefined;
  let rows = 0;
  let ambiguous = 0;
  for (const text of bare) {
    const { count } = split(text);
    const kinds = Array.from({ length: count }, (_, n) => line.kind(n));
    if (count !== fields || !kinds.includes('number')) {
      if (count === fields && kinds.every((kind) => kind === 'text')) {
        header = kinds.map((_, n) => line.text(n));
      }
      continue;
    }
    rows += 1;
    ambiguous += isPairs(text) ? 1 : 0;
    for (const [n, column] of values.entries()) {
      column.push(line.number(n));
      isDated[n] &&= /^\d[\d/:.TZ-]*$/.test(line.text(n));
    }
  }
  return { fields, values, rows, header, isDated, mayHaveDecimalCommas: ambiguous === rows, tag };
}

/** Returns whether a row is an even number of whole numbers with commas, of which each second may be the decimals of the first. */
function isPairs(text: string): boolean {
  return /^\s*-?\d+,\d+(,\s*-?\d+,\d+)*,?\s*$/.test(text) && !/[;\t]/.test(text);
}

function candidateOf(columns: Columns, periodMs: number | undefined): Candidate | undefined {
  const { fields, values, header, rows, tag } = columns;
  const isNumber = values.map(
    (column) => column.filter((value) => !Number.isNaN(value)).length >= 0.9 * rows,
  );
  const rising = values.map((column, n) =>
    isNumber[n] === true ? risingColumn(column, periodMs) : undefined,
  );
  const names = header?.map((name) => name.trim().replaceAll(/[+#/\0]/g, '_'));
  const isOther = values.map((_, n) => {
    const name = names?.[n] ?? '';
    return (
      isNumber[n] !== true || rising[n] !== undefined || isTimeName(name) || isCounterName(name)
    );
  });
  const numbers = values.flatMap((_, n) => (isOther[n] === true ? [] : [n]));
  const inertial = numbers.filter((n) => /^[ag][xyz]$/.test(axisKey(names?.[n] ?? '')));
  const isInertial = inertial.length >= 2;
  const chosen = isInertial ? inertial : numbers;
  if (chosen.length === 0 || chosen.length > mostAxes) {
    return undefined;
  }
  const axes =
    names === undefined ? guessedNames(chosen.length) : chosen.map((n) => names[n] ?? '');
  if (new Set(axes).size !== axes.length || axes.includes('')) {
    return undefined;
  }
  const time = rising.findIndex((each) => each?.kind === 'time');
  const hasText = isNumber.some((each, n) => !each && columns.isDated[n] !== true);
  const isPlain = chosen.length === fields && names === undefined;
  const isPlainWithTime = time === 0 && chosen.length === fields - 1 && names === undefined;
  // The tag is a field of its own once columns are counted.
  const before = tag === undefined ? 0 : 1;
  const places: CountedFields = {
    columns: chosen.map((n) => n + before),
    decimal: 'point',
    ...(time === -1 ? {} : { timeColumn: time + before }),
  };
  return {
    decoder: 'csv',
    axes,
    options: {
      ...(time === -1 ? {} : timeOptions(time, rising[time])),
      ...(isPlain || isPlainWithTime ? {} : places),
    },
    ...(names === undefined ? { places } : {}),
    mostConfidence: greatestConfidence(columns, chosen, { isInertial, hasText }),
    isUnnamed: names === undefined,
    evidence: 'lines',
    notes: notesOf(columns, chosen, rising, names),
  };
}

function timeOptions(column: number, rising: RisingColumn | undefined): Record<string, unknown> {
  const unit = rising?.unit;
  return {
    timeColumn: column,
    ...(unit === undefined || unit === 'ms' ? {} : { timeUnit: unit }),
  };
}

function greatestConfidence(
  { mayHaveDecimalCommas, values, header }: Columns,
  chosen: readonly number[],
  { isInertial, hasText }: { readonly isInertial: boolean; readonly hasText: boolean },
): number {
  const isConstant = chosen.every((n) => new Set(values[n]).size === 1);
  if (chosen.length === 1 || isConstant || (hasText && header === undefined)) {
    return 0.4;
  }
  if (mayHaveDecimalCommas) {
    return 0.45;
  }
  if (header !== undefined) {
    return isInertial ? 0.98 : 0.85;
  }
  return 0.97;
}

function notesOf(
  { mayHaveDecimalCommas, values, header, fields }: Columns,
  chosen: readonly number[],
  rising: readonly (RisingColumn | undefined)[],
  names: readonly string[] | undefined,
): string[] {
  const left = Array.from({ length: fields }, (_, n) => n).filter(
    (n) => !chosen.includes(n) && rising[n]?.kind !== 'time',
  );
  return [
    ...(chosen.length === 1 ? ['one number a line may be anything'] : []),
    ...(chosen.every((n) => new Set(values[n]).size === 1) ? ['its numbers never change'] : []),
    ...(mayHaveDecimalCommas
      ? ['its commas may be decimal commas: have the sensor separate by ";"']
      : []),
    ...(header === undefined ? ['the axes have no names in these lines: theirs are guesses'] : []),
    ...left.map((n) => {
      const name = names?.[n] === undefined ? `field ${n}` : `${names[n]} (field ${n})`;
      const kind = rising[n]?.kind;
      if (kind === 'counter') {
        return `${name} counts rows, and is left out`;
      }
      return kind === 'unknown'
        ? `${name} rises like a time, but not as fast as rows come: it is left out`
        : `${name} is left out`;
    }),
  ];
}
