import { LstmdError, messageOf } from '../../base/errors.js';
import { readSecrets } from '../../mqtt-client/secrets.js';
import { clearRetained } from '../../simulator/fleet/clear-retained.js';
import { Fleet, type FleetTotals } from '../../simulator/fleet/fleet.js';
import type { Qos } from '../../publish/prediction/record.js';
import type { ProtocolVersion } from '../../publish/mqtt/client-options.js';
import { brokerSecrets, inFlags } from '../terminal/broker-flags.js';
import { aborted, stopSignal, unlessAborted } from '../terminal/stop-signal.js';
import { FleetLog } from './fleet-log.js';

/** The options of `simulate` that a fleet has. */
export interface FleetCommandOptions {
  readonly fleet: number;
  readonly broker?: string[];
  readonly rateHz?: number;
  readonly seconds?: number;
  readonly startsPerSecond: number;
  readonly prefix: string;
  readonly name: string;
  readonly qos: string;
  readonly protocol: ProtocolVersion;
  readonly keepaliveSeconds: number;
  readonly willDelaySeconds: number;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly keep?: boolean;
  readonly json?: boolean;
}

const stopMs = 30_000;
/** Off a terminal nobody reads a line each second. */
const tellEverySeconds = 10;

/**
 * Has a fleet of devices publish to a broker, until a signal or the end of its time, and prints the sums of their
 * accounts.
 *
 * @throws LstmdError `publish.unavailable` where none ever connected, `usage.invalid` without a broker; that and
 *   `config.unreadable` for the files of its secrets
 */
export async function simulateFleet(options: FleetCommandOptions): Promise<void> {
  const { broker: url, seconds } = options;
  if (url === undefined) {
    throw new LstmdError('usage.invalid', '--fleet needs --broker mqtt://host[:port]');
  }
  const { files, secrets } = await brokerSecrets({ ...options, url }, '--broker');
  const ending = new AbortController();
  const ended = stopSignal();
  const stopping = AbortSignal.any([ended, ending.signal]);
  const log = new FleetLog();
  const fleet = new Fleet({
    devices: options.fleet,
    name: options.name,
    startsPerSecond: options.startsPerSecond,
    url,
    username: options.username,
    secrets: (signal) => readSecrets(files, signal),
    protocol: options.protocol,
    keepaliveSeconds: options.keepaliveSeconds,
    willDelaySeconds: options.willDelaySeconds,
    prefix: options.prefix,
    qos: qosOf(options.qos),
    rateHz: options.rateHz ?? 1,
    log,
  });
  // Its listener stays to the end: without one the signal would end the process in the middle of its stop.
  process.on('SIGUSR2', () => {
    if (!stopping.aborted) {
      fleet.cut();
    }
  });
  process.stderr.write(
    `lstmd: ${options.fleet} devices, ${options.prefix}/${options.name}-..., Ctrl-C ends them\n`,
  );
  const progress = tellProgress(fleet);
  const timer =
    seconds === undefined ? undefined : setTimeout(() => ending.abort(), 1000 * seconds);
  try {
    await unlessAborted(stopping, fleet.start(stopping));
    await aborted(stopping);
  } finally {
    clearTimeout(timer);
    progress.stop();
  }
  const again = ended.aborted ? 'another Ctrl-C' : 'Ctrl-C twice';
  process.stderr.write(
    `lstmd: delivering what waits, for up to ${stopMs / 1000} s; ${again} ends at once, and what is retained stays\n`,
  );
  await fleet.stop(stopMs);
  log.flush();
  const { totals } = fleet;
  if (options.keep !== true) {
    try {
      const devices = fleet.devices.map(({ topics }) => topics);
      await clearRetained(url, devices, { ...secrets, username: options.username });
    } catch (error) {
      process.stderr.write(
        `lstmd: the retained messages of the fleet stay at the broker: ${inFlags(messageOf(error))}\n`,
      );
    }
  }
  process.stderr.write(`lstmd: ${totalsText(totals)}\n`);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(totals)}\n`);
  }
  if (fleet.connects === 0) {
    throw new LstmdError('publish.unavailable', 'no device of the fleet was ever connected');
  }
}

/** Tells the totals on stderr: each second in place on a terminal, elsewhere now and then. */
function tellProgress(fleet: Fleet): { stop(): void } {
  const { isTTY } = process.stderr;
  let last = fleet.totals;
  const everySeconds = isTTY ? 1 : tellEverySeconds;
  const timer = setInterval(() => {
    const { totals } = fleet;
    const perSecond = Math.round((totals.delivered - last.delivered) / everySeconds);
    last = totals;
    const text = `${totalsText(totals)}; ${perSecond} acknowledged a second`;
    process.stderr.write(isTTY ? `\r\u001b[K${text}` : `lstmd: ${text}\n`);
  }, 1000 * everySeconds);
  return {
    stop: () => {
      clearInterval(timer);
      if (isTTY) {
        process.stderr.write('\n');
      }
    },
  };
}

function totalsText(totals: FleetTotals): string {
  const { devices, connected, reconnects, failedAttempts } = totals;
  const { produced, delivered, pending, dropped } = totals;
  const lost = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  return [
    `${connected} of ${devices} connected`,
    `${produced} records, ${delivered} acknowledged, ${pending} waiting`,
    `dropped: ${lost.length === 0 ? 'none' : lost.join(', ')}`,
    `${reconnects} reconnects, ${failedAttempts} failed attempts`,
  ].join('; ');
}

function qosOf(text: string): Qos {
  return text === '0' ? 0 : text === '1' ? 1 : 2;
}
