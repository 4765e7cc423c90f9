import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { ExitCode, LstmdError } from '../../base/errors.js';
import { configFaultError, findConfigFaults } from '../../agent/config-check.js';
import { lastingFaults, preflight } from '../../agent/preflight.js';
import { refuseShortage } from '../../agent/descriptor-need.js';
import { preparePublisher } from '../../agent/prepared-publisher.js';
import { prepareStreams, type PreparedStream } from '../../agent/prepared-stream.js';
import { ReloadedModels } from '../../agent/reload/reloaded-models.js';
import { reloadedWords } from '../../agent/reload/reloaded-words.js';
import { readConfigFile, type ConfigFile } from '../../config/load-config.js';
import { forStderr, Priority } from '../../base/journal.js';
import type { Log } from '../../base/log.js';
import { tellStarted } from '../../base/start-notice.js';
import type { Monitor } from '../../monitoring/monitor.js';
import { endingAtSignals } from '../../platform/end-signals.js';
import { shrinkHeap } from '../../platform/heap.js';
import { jsonSchemaOf } from '../../config/schema.js';
import { configSchema, type Config } from '../../agent/config-schema.js';
import { loadAddon } from '../../platform/addon.js';
import { createProcessLog } from '../../observe/process-log.js';
import { aborted, stopSignal, unlessAborted } from '../terminal/stop-signal.js';
import { uncaughtFault } from '../terminal/uncaught-fault.js';

export interface RunOptions {
  readonly config?: string;
  readonly check?: boolean;
  readonly schema?: boolean;
  readonly once?: boolean;
  readonly stream?: string;
  readonly seconds?: number;
  readonly samples?: number;
  readonly record?: string;
}

/**
 * Runs the streams of a configuration until a signal; their states are on flash when it returns.
 *
 * @throws LstmdError for a configuration or model that cannot run
 */
export async function run(options: RunOptions & { readonly config: string }): Promise<void> {
  refuseOptionsOfOnce(options);
  if (options.schema) {
    process.stdout.write(`${JSON.stringify(jsonSchemaOf(configSchema), null, 2)}\n`);
    return;
  }
  // It begins to listen before anything that takes time, so that a signal at any moment ends in exit 0.
  const stopping = stopSignal();
  const read = await readConfigFile(configSchema, options.config);
  const { config } = read;
  if (config === undefined) {
    throw await allFaults(read, stopping);
  }
  if (options.once) {
    const { runTrial } = await import('../live/trial.js');
    await runTrial(config, options, stopping);
    return;
  }
  if (options.check !== true) {
    refuseShortage(config);
  }
  const machineFaults = await (options.check === true ? preflight(config) : lastingFaults(config));
  const [machineFault] = machineFaults;
  if (machineFault !== undefined) {
    throw await allFaults(read, stopping, machineFault);
  }
  // No engine takes the place of the addon here: the lock of the state and the ports are its work too.
  loadAddon();
  const preparing = prepare(config, stopping, options.check === true).catch(
    async (error: unknown) => {
      stopping.throwIfAborted();
      throw isOfConfig(error) ? await allFaults(read, stopping, error) : error;
    },
  );
  const prepared = await unlessAborted(stopping, preparing);
  if (prepared === null) {
    if (options.check) {
      // Nobody knows whether it can run.
      process.exitCode = 1;
      return;
    }
    const fields = { signal: stopping.reason as unknown, saved: {} };
    createProcessLog(config.log).info(fields, 'stopped while a model was read');
    return;
  }
  const [publisher, streams, { Agent }] = prepared;
  if (options.check) {
    tellThatItCanRun(read.file, streams, config);
    return;
  }
  const log = createProcessLog(config.log);
  for (const { name, engine, target, program, slowness, fallbackReason: reason } of streams) {
    const { weights } = program;
    const fields = { stream: name, engine, target, weights };
    if (reason === undefined) {
      log.info(fields, `engine ${engine} (${target}), weights ${weights}`);
      if (slowness !== undefined) {
        log.warn(fields, `model.weights: ${slowness}`);
      }
    } else {
      log.warn({ ...fields, reason }, 'no native engine: using the reference');
    }
  }
  for (const stream of streams) {
    logReloaded(stream, config, log);
  }
  const observer = await monitorOf(config, log);
  const agent = new Agent({ config, publisher, streams, log, observer });
  const fault = uncaughtFault(log);
  const ending = AbortSignal.any([stopping, fault]);
  try {
    if (!ending.aborted) {
      await agent.start(ending);
      tellStarted();
    }
    await aborted(ending);
    fault.throwIfAborted();
    log.info({ signal: stopping.reason as unknown }, 'stopping');
  } finally {
    await agent.stop();
  }
}

function logReloaded({ name, reloaded }: PreparedStream, config: Config, log: Log): void {
  if (reloaded === undefined) {
    return;
  }
  const { file, sha256, atMs, fault } = reloaded;
  const fields = { stream: name, file, sha256, since: new Date(atMs).toISOString() };
  const words = reloadedWords(name, reloaded, config);
  if (fault === undefined) {
    log.warn(fields, words);
  } else {
    log.error({ ...fields, reason: fault }, words);
  }
}

/** Makes what shows the agent, where the configuration asks for it: its code is loaded only then. */
async function monitorOf(config: Config, log: Log): Promise<Monitor | undefined> {
  const { monitoring: section, device } = config;
  if (section === undefined) {
    return undefined;
  }
  const monitor = await import('../../monitoring/monitor.js');
  return new monitor.Monitor({ section, device, log });
}

/** The line of the log for a signal that comes before there is anything to save. */
function stoppedLine({ format }: Config['log']): string {
  const msg = 'stopped while a model was read';
  const isPretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY);
  return forStderr(
    isPretty ? msg : JSON.stringify({ level: 'info', saved: {}, msg }),
    Priority.info,
  );
}

/** From this size of a model's file on, the memory that its loading takes is worth the time of making room. */
const largeModelBytes = 8_000_000;

/** Prepares everything. The models come last, so that large ones find the heap small. */
async function prepare(config: Config, signal: AbortSignal, isCheck: boolean) {
  const [publisher, { Agent }] = await Promise.all([
    preparePublisher(config),
    import('../../agent/agent.js'),
  ]);
  if (!isCheck && (await hasLargeModel(config))) {
    await shrinkHeap();
  }
  const reloaded = await ReloadedModels.read(config.stateDirectory);
  const streams = isCheck
    ? await prepareStreams(config, signal, reloaded)
    : await endingAtSignals(stoppedLine(config.log), async () => {
        // What was signalled before is heard now.
        await setImmediate();
        signal.throwIfAborted();
        return prepareStreams(config, signal, reloaded);
      });
  return [publisher, streams, { Agent }] as const;
}

/** A file that cannot be looked at counts as small: its reader says what is wrong with it. */
async function hasLargeModel({ streams }: Config): Promise<boolean> {
  const sizes = Object.values(streams).map(({ model: { file } }) =>
    stat(file).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return Math.max(...(await Promise.all(sizes))) >= largeModelBytes;
}

function tellThatItCanRun(file: string, streams: readonly PreparedStream[], config: Config): void {
  for (const { name, plan, stepper, engine, target, reloaded } of streams) {
    process.stderr.write(
      `${name}: ${plan.name} (${plan.origin}), ${stepper.program.mode}, ${engine} (${target})\n`,
    );
    if (reloaded !== undefined) {
      process.stderr.write(`${reloadedWords(name, reloaded, config)}\n`);
    }
  }
  process.stderr.write(`${file} can run\n`);
}

/** Returns whether an error is a fault that a look at the whole configuration finds again; any other may have passed by then. */
function isOfConfig(error: unknown): error is LstmdError {
  return error instanceof LstmdError && error.exitCode !== ExitCode.temporary;
}

/**
 * The error that tells everything that is wrong with a configuration that cannot run, and not the first fault alone.
 *
 * @param first what the start ended with; it is given where the fault is not found again
 */
async function allFaults(
  read: ConfigFile<Config>,
  signal: AbortSignal,
  first?: LstmdError,
): Promise<LstmdError> {
  const faults = (await unlessAborted(signal, findConfigFaults(read, signal))) ?? [];
  return faults.length === 0 && first !== undefined ? first : configFaultError(read, faults);
}

/** @throws LstmdError `usage.invalid` for an option that only means something with `--once` */
function refuseOptionsOfOnce(options: RunOptions): void {
  const { once, check, stream, seconds, samples, record } = options;
  const given = Object.entries({ stream, seconds, samples, record }).find(
    ([, value]) => value !== undefined,
  );
  if (once !== true && given !== undefined) {
    throw new LstmdError(
      'usage.invalid',
      `--${given[0]} is for --once: the daemon runs all streams until it is stopped`,
    );
  }
  if (once === true && check === true) {
    throw new LstmdError('usage.invalid', 'either --once or --check');
  }
}
