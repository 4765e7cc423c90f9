import { findingOf, type RegisterSurvey } from '../../detection/register-survey.js';
import { openToListen } from './detected-port.js';
import type { Detection } from './detection.js';
import { ModbusLine } from './modbus-line.js';

/** The speeds of sensors on RS-485, the most usual first. */
export const modbusBauds: readonly number[] = [9600, 115_200, 19_200, 38_400, 57_600, 4800];
const parities = ['none', 'even', 'odd'] as const;
type Parity = (typeof parities)[number];

/** Slaves as they leave the factory: WitMotion's is 0x50. */
const usualSlaves = [0x50, 1, 2, 3, 10, 100, 247];
const lastSlave = 247;
/** At so many speeds all slaves are asked for where none of the usual ones answers. */
const wholeScanBauds = 2;

/** Slow slaves answer within so long; a whole scan waits for shorter. */
const patienceMs = 100;
const scanPatienceMs = 35;

/** Registers are looked for up to this address, in blocks that are halved as far as need be. */
const lastAddress = 0x1ff;
const blockRegisters = 16;
const leastAddressesMs = 4000;
const mostAddressesMs = 20_000;

/** The exception of a slave that has no registers of the kind. */
const illegalFunction = 1;

const surveyMs = 3000;
const leastRounds = 5;
/** The silence before a request that the decoder keeps by default. */
const turnaroundMs = 5;

/** A slave that answers, and how the line has to be set for it. */
interface FoundSlave {
  readonly slave: number;
  readonly baudRate: number;
  readonly parity: Parity;
}

/**
 * Asks for a slave of Modbus RTU on a port, at each speed and parity, and for its registers. Reads registers, and writes
 * none.
 *
 * @param bauds the speeds to try
 * @param tell takes what is being done, for a person who waits
 * @throws LstmdError `sensor.link` where the port cannot be opened, with the way out
 */
export async function pollAt(
  port: string,
  bauds: readonly number[] = modbusBauds,
  tell: (text: string) => void = () => {},
): Promise<Detection> {
  const found = await findSlave(port, bauds, tell);
  if (found === undefined) {
    return { port, formats: [], heard: [], polled: bauds };
  }
  const { slave, baudRate, parity } = found;
  tell(`slave ${slave} answers at ${baudRate} baud, parity ${parity}: looking for its registers`);
  const survey = await withLine(port, baudRate, parity, (line) =>
    surveySlave(line, slave, baudRate, tell),
  );
  if (survey === undefined) {
    return { port, formats: [], heard: [], polled: bauds, silentSlave: found };
  }
  const finding = findingOf(survey);
  const options = parity === 'none' ? finding.options : { parity, ...finding.options };
  return { port, formats: [{ ...finding, options, baudRate }], heard: [], polled: bauds };
}

async function findSlave(
  port: string,
  bauds: readonly number[],
  tell: (text: string) => void,
): Promise<FoundSlave | undefined> {
  for (const parity of parities) {
    for (const baudRate of bauds) {
      tell(`asking the usual slaves at ${baudRate} baud, parity ${parity}`);
      const slave = await withLine(port, baudRate, parity, (line) =>
        firstThatAnswers(line, usualSlaves, patienceMs),
      );
      if (slave !== undefined) {
        return { slave, baudRate, parity };
      }
    }
  }
  const others = Array.from({ length: lastSlave }, (_, n) => n + 1);
  for (const baudRate of bauds.slice(0, wholeScanBauds)) {
    tell(`asking all ${lastSlave} slaves at ${baudRate} baud`);
    const slave = await withLine(port, baudRate, 'none', (line) =>
      firstThatAnswers(line, others, scanPatienceMs),
    );
    if (slave !== undefined) {
      return { slave, baudRate, parity: 'none' };
    }
  }
  return undefined;
}

async function withLine<T>(
  path: string,
  baudRate: number,
  parity: Parity,
  use: (line: ModbusLine) => Promise<T>,
): Promise<T> {
  const port = await openToListen(path, baudRate, parity);
  try {
    return await use(new ModbusLine(port, baudRate));
  } finally {
    await port.close();
  }
}

async function firstThatAnswers(
  line: ModbusLine,
  slaves: readonly number[],
  ms: number,
): Promise<number | undefined> {
  for (const slave of slaves) {
    // Be it an exception: a slave that has no such register answers, too.
    if ((await line.ask({ slave, function: 3, start: 0, count: 1 }, ms)) !== undefined) {
      return slave;
    }
  }
  return undefined;
}

/** Finds the registers of a slave and reads them for a while; undefined where it gives none. */
async function surveySlave(
  line: ModbusLine,
  slave: number,
  baudRate: number,
  tell: (text: string) => void,
): Promise<RegisterSurvey | undefined> {
  for (const code of [3, 4] as const) {
    const addresses = await readableAddresses(line, slave, code);
    if (addresses.length > 0) {
      tell(`it has ${addresses.length} registers: reading them for 3 s, move the sensor now`);
      const survey = await readRounds(line, slave, code, addresses);
      const mostHz = wireHz(addresses, baudRate);
      return { ...survey, roundsPerSecond: Math.min(survey.roundsPerSecond, mostHz) };
    }
  }
  return undefined;
}

async function readableAddresses(line: ModbusLine, slave: number, code: 3 | 4): Promise<number[]> {
  const found: number[] = [];
  const startMs = performance.now();
  const look = async (start: number, count: number): Promise<void> => {
    const answer = await askTwice(line, { slave, function: code, start, count });
    if (answer !== undefined && answer.exception === undefined) {
      found.push(...Array.from({ length: count }, (_, n) => start + n));
    } else if (answer !== undefined && count > 1 && answer.exception !== illegalFunction) {
      await look(start, count / 2);
      await look(start + count / 2, count / 2);
    }
  };
  for (let start = 0; start <= lastAddress; start += blockRegisters) {
    const passedMs = performance.now() - startMs;
    if (passedMs > mostAddressesMs || (found.length > 0 && passedMs > leastAddressesMs)) {
      break;
    }
    await look(start, blockRegisters);
  }
  return found;
}

/** An answer may be lost on the line. */
async function askTwice(
  line: ModbusLine,
  request: Parameters<ModbusLine['ask']>[0],
): ReturnType<ModbusLine['ask']> {
  return (await line.ask(request, patienceMs)) ?? line.ask(request, patienceMs);
}

/** Reads all registers in rounds, as many as there is time for. */
async function readRounds(
  line: ModbusLine,
  slave: number,
  code: 3 | 4,
  addresses: readonly number[],
): Promise<RegisterSurvey> {
  const rounds: number[][] = [];
  let lost = 0;
  const startMs = performance.now();
  while (performance.now() - startMs < surveyMs || rounds.length + lost < leastRounds) {
    const round: number[] = [];
    for (const { start, count } of spansOf(addresses)) {
      const answer = await line.ask({ slave, function: code, start, count }, patienceMs);
      round.push(...(answer?.registers ?? []));
    }
    if (round.length === addresses.length) {
      rounds.push(round);
    } else {
      lost += 1;
    }
  }
  const seconds = (performance.now() - startMs) / 1000;
  return {
    slave,
    function: code,
    addresses,
    rounds,
    lost,
    roundsPerSecond: (rounds.length + lost) / seconds,
  };
}

/** How often the line has room for requests of all of these registers, with the silence before each. */
function wireHz(addresses: readonly number[], baudRate: number): number {
  const bytes = spansOf(addresses).reduce((sum, { count }) => sum + 8 + 5 + 2 * count, 0);
  return 1000 / ((11_000 * bytes) / baudRate + turnaroundMs * spansOf(addresses).length);
}

/** Addresses that follow each other, as many as one answer holds. */
function spansOf(addresses: readonly number[]): { start: number; count: number }[] {
  const spans: { start: number; count: number }[] = [];
  for (const address of addresses) {
    const last = spans.at(-1);
    if (last !== undefined && last.start + last.count === address && last.count < 125) {
      last.count += 1;
    } else {
      spans.push({ start: address, count: 1 });
    }
  }
  return spans;
}
