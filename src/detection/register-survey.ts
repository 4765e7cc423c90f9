import { readRegister, type Register } from '../sensor/decoders/modbus/register-map.js';
import type { Finding } from './finding.js';
import { findGravity, gravityText } from './gravity.js';

/** Registers that a slave has, read again and again. */
export interface RegisterSurvey {
  readonly slave: number;
  readonly function: 3 | 4;
  /** Addresses of the registers, ascending. */
  readonly addresses: readonly number[];
  /** For each round the value of each register, from 0 to 65,535, in the order of the addresses. */
  readonly rounds: readonly (readonly number[])[];
  /** Rounds in which an answer did not come. */
  readonly lost: number;
  /** Rounds a second, as fast as the slave answers. */
  readonly roundsPerSecond: number;
}

/** Axes of a section are few; what else changes is named in a note. */
const mostAxes = 12;
/** The lower half of a float32 takes nearly all values, whether it is read with a sign or without. */
const leastLowRange = 16_000;
const leastFloat = 1e-4;
const mostFloat = 1e6;
const mostFloatRatio = 1000;

/** WitMotion's sensors over RS-485, whose slave is 0x50 unless it was set otherwise. */
const witmotionSlave = 0x50;
const witmotionNames: ReadonlyMap<number, string> = new Map(
  ['ax', 'ay', 'az', 'gx', 'gy', 'gz', 'mx', 'my', 'mz', 'roll', 'pitch', 'yaw'].map((name, n) => [
    0x34 + n,
    name,
  ]),
);

/** A number that changed: its register, and its value in each round. */
interface Changing {
  readonly register: Register;
  readonly values: readonly number[];
}

/** Returns what a slave's registers are, by how they change. */
export function findingOf(survey: RegisterSurvey): Finding {
  const changing = changingNumbers(survey);
  const used = changing.slice(0, mostAxes);
  const axes = namesOf(used, survey.slave);
  const readings = survey.rounds.flatMap((_, round) =>
    used.map(({ values }) => values[round] ?? Number.NaN),
  );
  const gravity = used.length < 3 ? undefined : findGravity(axes, readings);
  const registers = Object.fromEntries(
    used.map(({ register }, n) => [axes[n] ?? '', registerOption(register)]),
  );
  return {
    decoder: 'modbus',
    axes,
    options: {
      slave: survey.slave,
      ...(survey.function === 4 ? { function: 4 } : {}),
      registers,
    },
    notes: notesOf(survey, changing),
    isUnnamed: false,
    // That a slave answers is sure; which of its registers is which axis only a manual tells.
    confidence: used.length === 0 ? 0.4 : 0.95,
    rows: survey.rounds.length,
    lost: survey.lost,
    rateHz: pollingRateHz(survey.roundsPerSecond),
    ranges: used.map(({ values }) => ({ min: Math.min(...values), max: Math.max(...values) })),
    units: axes.map((_, n) =>
      gravity !== undefined && n >= gravity.axis && n < gravity.axis + 3 ? gravity.unit : null,
    ),
    unitsFrom: gravity === undefined ? null : gravityText(gravity),
    gravity: gravity ?? null,
  };
}

/** The numbers that changed, each of one register or of two. */
function changingNumbers(survey: RegisterSurvey): Changing[] {
  const found = numbersBeside(survey, undefined);
  // Whole numbers in a float32 leave its lower register alone: where one is told by that, its neighbours are floats too.
  const float = found.find(({ register }) => register.type === 'float32')?.register;
  return float === undefined ? found : numbersBeside(survey, float);
}

/** @param known a float32, in whose order and at whose distance others are taken for such as well */
function numbersBeside({ addresses, rounds }: RegisterSurvey, known?: Register): Changing[] {
  const columns = new Map(
    addresses.map((address, n) => [address, rounds.map((round) => round[n] ?? 0)]),
  );
  const numbers: Changing[] = [];
  for (let n = 0; n < addresses.length; n += 1) {
    const address = addresses[n] ?? 0;
    const first = columns.get(address) ?? [];
    const float = floatAt(address, first, columns.get(address + 1), known);
    if (float !== undefined) {
      numbers.push(float);
      n += 1;
    } else if (new Set(first).size > 1) {
      const register: Register = { address, type: 'int16', wordOrder: 'big' };
      numbers.push({ register, values: first.map(signed) });
    }
  }
  return numbers;
}

/** A float32 in two registers, in either order of them; undefined where they look like none. */
function floatAt(
  address: number,
  first: readonly number[],
  second: readonly number[] | undefined,
  known: Register | undefined,
): Changing | undefined {
  if (second === undefined) {
    return undefined;
  }
  const isBeside = known !== undefined && (address - known.address) % 2 === 0;
  for (const wordOrder of ['big', 'little'] as const) {
    const low = wordOrder === 'big' ? second : first;
    const register: Register = { address, type: 'float32', wordOrder };
    const values = first.map((word, round) => {
      const other = second[round] ?? 0;
      return readRegister(Uint8Array.of(word >> 8, word, other >> 8, other), 0, register);
    });
    const isFloat =
      rangeOf(low) > leastLowRange && rangeOf(low.map(signed)) > leastLowRange && areAlike(values);
    const isNeighbour =
      isBeside && wordOrder === known.wordOrder && new Set(values).size > 1 && areUsual(values);
    if (isFloat || isNeighbour) {
      return { register, values };
    }
  }
  return undefined;
}

/** Returns whether numbers are nearly all of a usual size; readings that cross zero are small now and then. */
function areAlike(values: readonly number[]): boolean {
  const sizes = values.map(Math.abs).toSorted((one, other) => one - other);
  const least = sizes[Math.floor(0.1 * (sizes.length - 1))] ?? 0;
  const most = sizes[Math.ceil(0.9 * (sizes.length - 1))] ?? 0;
  return (
    values.every(Number.isFinite) &&
    least > leastFloat &&
    most < mostFloat &&
    most < mostFloatRatio * least
  );
}

/** Returns whether numbers are zero or of a usual size, as whole numbers in two registers are and small ones in one are not. */
function areUsual(values: readonly number[]): boolean {
  return values.every((value) => {
    const size = Math.abs(value);
    return size === 0 || (size > leastFloat && size < mostFloat);
  });
}

function rangeOf(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

function signed(word: number): number {
  return (word << 16) >> 16;
}

function namesOf(numbers: readonly Changing[], slave: number): string[] {
  const witmotion = numbers.map(({ register }) => witmotionNames.get(register.address));
  const isWitmotion =
    slave === witmotionSlave && numbers.every(({ register }) => register.type === 'int16');
  if (numbers.length === 3) {
    return ['x', 'y', 'z'];
  }
  return numbers.map(
    ({ register }, n) => (isWitmotion ? witmotion[n] : undefined) ?? `r${register.address}`,
  );
}

/** The options of a register that are not as by default. */
function registerOption({ address, type, wordOrder }: Register): object {
  return {
    address,
    ...(type === 'int16' ? {} : { type }),
    ...(wordOrder === 'big' ? {} : { wordOrder }),
  };
}

function notesOf({ slave, addresses }: RegisterSurvey, changing: readonly Changing[]): string[] {
  const notes = [`slave ${slave} has the registers ${spansText(addresses)}`];
  if (changing.length === 0) {
    return [...notes, 'none of them changed: move the sensor while it is asked'];
  }
  if (changing.length > mostAxes) {
    const others = changing.slice(mostAxes).map(({ register }) => register.address);
    notes.push(`others that change: ${others.join(', ')}`);
  }
  return [
    ...notes,
    'these are the registers that changed while it was asked: its manual says what they are, and those that stood still are not among them',
  ];
}

/** Addresses as spans: `52 to 54, 64`. */
function spansText(addresses: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const address of addresses) {
    const last = spans.at(-1);
    if (last?.[1] === address - 1) {
      last[1] = address;
    } else {
      spans.push([address, address]);
    }
  }
  return spans.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`)).join(', ');
}

/** The usual rate at which a slave can be asked and still has time left. */
function pollingRateHz(mostHz: number): number {
  const usual = [200, 100, 50, 25, 20, 10, 5, 2];
  return usual.find((rateHz) => rateHz <= 0.8 * mostHz) ?? 1;
}
