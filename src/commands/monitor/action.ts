import { LstmdError } from '../../base/errors.js';
import { LstmdSubscription, type SubscribeOptions } from '../../client/subscribe.js';
import { brokerSecrets, inFlags } from '../terminal/broker-flags.js';
import { dim, Screen } from '../terminal/screen.js';
import { aborted, stopSignal } from '../terminal/stop-signal.js';
import { BrokerView } from './broker-view.js';
import { hearKeys } from './keys.js';
import { viewJson, viewLines } from './view-text.js';

export interface MonitorOptions {
  readonly prefix: string;
  readonly device?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly once?: boolean;
  readonly seconds?: number;
  readonly json?: boolean;
}

/** Retained messages come at once, and a sensor of more than a sample a second within this. */
const onceSeconds = 2;
/** Off a terminal nobody reads a table ten times a second. */
const printEverySeconds = 10;

/**
 * Shows what the devices of a broker publish, until a signal, `q`, or the end of its time.
 *
 * @throws LstmdError `publish.unavailable` where the broker is not there at the start; later it is waited for
 */
export async function monitor(url: string, options: MonitorOptions): Promise<void> {
  const ending = new AbortController();
  const stopping = AbortSignal.any([stopSignal(), ending.signal]);
  const subscription = await open(url, await subscribeOptions(url, options));
  const view = new BrokerView();
  const seconds = options.seconds ?? (options.once === true ? onceSeconds : undefined);
  const timer =
    seconds === undefined ? undefined : setTimeout(() => ending.abort(), 1000 * seconds);
  const ticks = setInterval(() => view.tick(), 1000);
  const isScreen = process.stdout.isTTY && options.once !== true && options.json !== true;
  const shown = isScreen
    ? showOnScreen(view, subscription, () => ending.abort())
    : printAtTimes(view, options);
  const taking = take(subscription, view);
  try {
    await Promise.race([aborted(stopping), taking]);
  } finally {
    clearTimeout(timer);
    clearInterval(ticks);
    shown.stop();
    await subscription.close();
  }
}

async function take(subscription: LstmdSubscription, view: BrokerView): Promise<void> {
  for await (const message of subscription) {
    view.take(message);
  }
}

interface Shown {
  stop(): void;
}

function showOnScreen(view: BrokerView, subscription: LstmdSubscription, end: () => void): Shown {
  let first = 0;
  const screen = new Screen(process.stdout, () => {
    const [head = '', ...lines] = viewLines(view);
    const sum = lines.pop() ?? '';
    const room = Math.max(1, (process.stdout.rows || 24) - 4);
    first = Math.max(0, Math.min(first, lines.length - room));
    const isAll = lines.length <= room;
    const where = isAll ? '' : `; rows ${first + 1} to ${first + room}`;
    const link = subscription.isConnected ? '' : '; the broker is away';
    return [head, ...lines.slice(first, first + room), dim(`${sum}${where}${link}   q ends`)];
  });
  const giveBack = hearKeys({
    end,
    move: (rows) => {
      first += rows;
    },
  });
  screen.start();
  return {
    stop: () => {
      giveBack();
      screen.stop();
    },
  };
}

function printAtTimes(view: BrokerView, { json = false, once = false }: MonitorOptions): Shown {
  const print = (): void => {
    process.stdout.write(`${(json ? viewJson(view) : viewLines(view)).join('\n')}\n`);
  };
  const timer = json || once ? undefined : setInterval(print, 1000 * printEverySeconds);
  return {
    stop: () => {
      clearInterval(timer);
      print();
    },
  };
}

/** @throws LstmdError `usage.invalid` and `config.unreadable` for the files of secrets */
async function subscribeOptions(url: string, options: MonitorOptions): Promise<SubscribeOptions> {
  const { prefix, device, username } = options;
  const { secrets } = await brokerSecrets({ ...options, url }, 'the URL');
  const { password, ca, cert, key } = secrets;
  return {
    prefix,
    ...(device !== undefined && { device }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** @throws LstmdError `publish.unavailable`, in the words of the flags */
async function open(url: string, options: SubscribeOptions): Promise<LstmdSubscription> {
  try {
    return await LstmdSubscription.open(url, options);
  } catch (cause) {
    throw cause instanceof LstmdError ? new LstmdError(cause.code, inFlags(cause.message)) : cause;
  }
}
