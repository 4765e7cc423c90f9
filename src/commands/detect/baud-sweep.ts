import { setTimeout as sleep } from 'node:timers/promises';
import type { ArrivedBytes } from '../../detection/capture.js';
import { findFormats } from '../../detection/find-formats.js';
import { surely, type Finding } from '../../detection/finding.js';
import { lookAt, type Seen } from '../../detection/seen.js';
import type { OpenPort } from '../../sensor/links/serial/serial-port.js';

/** The speeds that sensors and boards are set to, the most usual first. */
export const usualBauds: readonly number[] = [
  115_200, 9600, 921_600, 57_600, 460_800, 230_400, 38_400, 19_200, 4800, 1_000_000, 500_000,
  2_000_000,
];

/** The part of an open port that listening needs. */
export type ListenedPort = Pick<OpenPort, 'read' | 'setBaudRate'>;

/** Holds what was heard at one speed. */
export interface Hearing {
  readonly baudRate: number;
  readonly findings: readonly Finding[];
  readonly seen: Seen;
}

/** A board that the opening resets says nothing for up to two seconds. */
const bannerMs = 3000;
const slotMs = 500;
/** A find is listened to for so long again, for its rate. */
const patientMs = 2000;
/** Lines of text are of the right speed, however few: they are waited for so long. */
const linesMs = 4500;
/** The silence of a slow sensor is waited out at so many of the most usual speeds, if it has spoken at all. */
const patientBauds = 4;
const slowPeriodMs = 1100;
const wholeMs = 9500;
const settleMs = 30;
const tickMs = 50;
const leastLineBytes = 5;
const leastRows = 3;
/** The bytes so far are looked at again and again, but not after each read. */
const lookMs = 250;

/**
 * Listens at each speed, on one open port that is at the first of them, and at the most promising for longer.
 *
 * @param bauds at least one
 * @param tell takes the speed at which it listens now
 * @returns a hearing for each speed that was tried
 */
export async function listenOverBauds(
  port: ListenedPort,
  bauds: readonly number[],
  tell: (baudRate: number) => void = () => {},
): Promise<Hearing[]> {
  const sweep = new Sweep(port);
  const sweepEndMs = sweep.startMs + wholeMs - patientMs;
  const hearings: Hearing[] = [];
  for (const [n, baudRate] of bauds.entries()) {
    if (sweep.isClosed) {
      break;
    }
    tell(baudRate);
    if (n === 0) {
      await sweep.listen(bannerMs, () => sweep.bytes > 0);
    } else {
      await sweep.change(baudRate);
    }
    const leftMs = Math.max(0, sweepEndMs - performance.now()) / (bauds.length - n);
    const hearing = await hearAt(sweep, baudRate, Math.min(slotMs, leftMs), n < patientBauds);
    hearings.push(hearing);
    if (isSettled(hearing) || isSpeedKnown(hearing)) {
      break;
    }
  }
  const best = hearings.toSorted((a, b) => promiseOf(b) - promiseOf(a))[0];
  if (best === undefined || sweep.isClosed) {
    return hearings;
  }
  if (best !== hearings.at(-1)) {
    tell(best.baudRate);
    await sweep.change(best.baudRate);
  }
  const endMs = sweep.startMs + wholeMs;
  await sweep.listen(patientMs, () => performance.now() >= endMs);
  let confirmed = sweep.hear(best.baudRate);
  while (
    !isSettled(confirmed) &&
    !isHopeless(confirmed) &&
    performance.now() < endMs - slotMs &&
    !sweep.isClosed
  ) {
    await sweep.listen(slotMs);
    confirmed = sweep.hear(best.baudRate);
  }
  // What came before a change of speed may have told more than the time that was left.
  const isBetter = promiseOf(confirmed) >= promiseOf(best);
  return hearings.map((each) => (each === best && isBetter ? confirmed : each));
}

async function hearAt(
  sweep: Sweep,
  baudRate: number,
  ms: number,
  isPatient: boolean,
): Promise<Hearing> {
  await sweep.listen(ms);
  if (sweep.bytes === 0 && isPatient && sweep.hasHeard) {
    await sweep.listen(slowPeriodMs - ms, () => sweep.bytes > 0);
  }
  const hearing = sweep.hear(baudRate);
  const confidence = hearing.findings[0]?.confidence ?? 0;
  const hasLine = hearing.seen.kind === 'text' && sweep.bytes >= leastLineBytes;
  if (confidence >= surely || (!hasLine && (confidence === 0 || !isPatient))) {
    return hearing;
  }
  const isEnough = (): boolean => (sweep.hear(baudRate).findings[0]?.confidence ?? 0) >= surely;
  await sweep.listen((isPatient ? linesMs : patientMs) - ms, () => sweep.isDue() && isEnough());
  return sweep.hear(baudRate);
}

function isSettled({ findings }: Hearing): boolean {
  return (findings[0]?.confidence ?? 0) >= surely;
}

/** Returns whether lines came that are rows of some kind: at a wrong speed there are none, so that no other can be better. */
function isSpeedKnown({ findings, seen }: Hearing): boolean {
  return seen.kind === 'text' && (findings[0]?.rows ?? 0) >= leastRows;
}

/** Returns whether more of the same would tell nothing new. */
function isHopeless({ findings, seen }: Hearing): boolean {
  return findings.length === 0 && seen.kind === 'bytes';
}

/** How much a longer look at a speed promises. */
function promiseOf({ findings, seen }: Hearing): number {
  const confidence = findings[0]?.confidence ?? 0;
  return 10 * confidence + { nothing: 0, bytes: 0.1, text: 1, positions: 1 }[seen.kind];
}

/** A port that is read from the beginning to the end, with what came since its speed was changed. */
class Sweep {
  readonly startMs = performance.now();
  isClosed = false;
  bytes = 0;
  /** True when anything came at any speed. */
  hasHeard = false;
  readonly #port: ListenedPort;
  #chunks: ArrivedBytes[] = [];
  #sinceMs = this.startMs;
  #lookedMs = this.startMs;

  constructor(port: ListenedPort) {
    this.#port = port;
    const ended = (): void => {
      this.isClosed = true;
    };
    port
      .read((chunk, arrivalMs) => {
        this.hasHeard = true;
        this.bytes += chunk.length;
        this.#chunks.push({ bytes: Uint8Array.from(chunk), arrivalMs });
      })
      .then(ended, ended);
  }

  async change(baudRate: number): Promise<void> {
    await this.#port.setBaudRate(baudRate);
    // What was on its way at the old speed comes after the flush.
    await sleep(settleMs);
    this.#chunks = [];
    this.bytes = 0;
    this.#sinceMs = performance.now();
  }

  /** Listens for so long, or until there is enough. */
  async listen(ms: number, isEnough: () => boolean = () => false): Promise<void> {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs && !this.isClosed && !isEnough()) {
      await sleep(Math.min(tickMs, Math.max(1, endMs - performance.now())));
    }
  }

  /** Returns whether it is time to look at what came. */
  isDue(): boolean {
    const nowMs = performance.now();
    const isDue = nowMs - this.#lookedMs >= lookMs;
    this.#lookedMs = isDue ? nowMs : this.#lookedMs;
    return isDue;
  }

  /**
   * Looks at what came at this speed. Where that tells nothing, the later half is looked at alone: an adapter, or a busy
   * machine, may hand on bytes of the speed before for a while, and one of them makes no text of all that follows.
   */
  hear(baudRate: number): Hearing {
    const nowMs = performance.now();
    const whole = this.#hearSince(this.#sinceMs, nowMs, baudRate);
    if (whole.findings.length > 0 || whole.seen.kind !== 'bytes') {
      return whole;
    }
    const later = this.#hearSince((this.#sinceMs + nowMs) / 2, nowMs, baudRate);
    return later.seen.kind === 'text' ? later : whole;
  }

  #hearSince(sinceMs: number, nowMs: number, baudRate: number): Hearing {
    const capture = { chunks: this.#chunks.filter(({ arrivalMs }) => arrivalMs >= sinceMs) };
    return { baudRate, findings: findFormats(capture), seen: lookAt(capture, nowMs - sinceMs) };
  }
}
