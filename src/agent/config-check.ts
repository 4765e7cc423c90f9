import { LstmdError, type OptionFault } from '../base/errors.js';
import type { FaultReport } from '../base/fault-report.js';
import type { Fault } from '../config/fault.js';
import { invalidConfig, type ConfigFile } from '../config/load-config.js';
import { isTouched, soundPart } from '../config/sound-part.js';
import { configSchema, type Config } from './config-schema.js';
import { preflight } from './preflight.js';
import { preparePublisher } from './prepared-publisher.js';
import { prepareStreams } from './prepared-stream.js';
import { ReloadedModels } from './reload/reloaded-models.js';
import type { ModelPlans } from './model-plans.js';
import { checkStream } from './stream-check.js';

/** A fault of a configuration, and the error that the exit code follows from. */
export interface ConfigFault extends Fault {
  readonly error: LstmdError;
}

/**
 * Finds everything that keeps a configuration from running on this machine: the faults of its options, of the
 * files that it names, of its models, of its state directory and of its ports. Where an option is at fault, what
 * does not depend on it is looked at all the same.
 *
 * @param signal ends the loading of models; what is thrown then is its reason
 * @returns in the order of their lines
 */
export async function findConfigFaults(
  file: ConfigFile<Config>,
  signal?: AbortSignal,
): Promise<ConfigFault[]> {
  const { config, faults: hidden } =
    file.config === undefined
      ? soundPart(configSchema, file.options)
      : { config: file.config, faults: [] };
  const known = [...file.faults, ...hidden.filter(({ path }) => !isTouched(path, file.faults))];
  const faults = known.map((fault): ConfigFault => ({
    ...fault,
    error: new LstmdError('config.invalid', fault.message),
  }));
  const inOrder = () => faults.toSorted((a, b) => file.lineOf(a) - file.lineOf(b));
  if (config === undefined) {
    return inOrder();
  }
  const touched = known.filter(({ path }) => path.length > 0);
  /** Keeps what is new: one library that does not load is a fault of each stream, and is told once. */
  const keep =
    (section: OptionFault['at']): FaultReport =>
    (error) => {
      const texts = new Set(faults.map(({ path, message }) => JSON.stringify([path, message])));
      faults.push(
        ...faultsOf(error, section).filter(
          ({ path, message }) =>
            !texts.has(JSON.stringify([path, message])) &&
            !(path.length > 0 && isTouched(path, touched)),
        ),
      );
    };
  const ofPublisher = await preparePublisher(config).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (ofPublisher instanceof LstmdError) {
    keep([])(ofPublisher);
  }
  const plans = new Map<string, ModelPlans>();
  const reloaded = await ReloadedModels.read(config.stateDirectory).catch(
    (error: unknown) => error,
  );
  for (const [name, stream] of Object.entries(config.streams)) {
    if (
      reloaded instanceof ReloadedModels &&
      (await runsReloaded(name, config, reloaded, signal))
    ) {
      continue;
    }
    const ofStream = touched
      .filter(({ path: [top, own] }) => top === 'streams' && (own ?? name) === name)
      .map(({ path, message }) => ({ path: path.slice(2), message }));
    await checkStream(stream, {
      plans,
      touched: ofStream,
      report: keep(['streams', name]),
      signal,
    });
  }
  const ofMachine = await preflight(config);
  for (const error of ofMachine) {
    keep([])(error);
  }
  const hasDirectory = !ofMachine.some((error) => error.faults[0]?.at[0] === 'stateDirectory');
  if (hasDirectory && reloaded instanceof LstmdError) {
    keep([])(reloaded);
  }
  return inOrder();
}

/** Returns whether a stream runs the model that a command put in the place of the configuration's, as a start would see it. */
async function runsReloaded(
  name: string,
  config: Config,
  reloaded: ReloadedModels,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const stream = config.streams[name];
  if (stream === undefined || (await reloaded.of(name, stream)) === undefined) {
    return false;
  }
  try {
    const one = { ...config, streams: { [name]: stream } };
    const [prepared] = await prepareStreams(one, signal, reloaded);
    return prepared?.reloaded?.fault === undefined;
  } catch {
    signal?.throwIfAborted();
    // The look at the stream itself tells what is wrong.
    return false;
  }
}

/** The error that tells all faults of a configuration, each with its line. */
export function configFaultError(
  { file, describe }: ConfigFile<Config>,
  faults: readonly ConfigFault[],
): LstmdError {
  const exitCodes = new Set(faults.map(({ error }) => error.exitCode));
  const shared = exitCodes.size === 1 ? faults[0]?.error : undefined;
  return invalidConfig(file, faults.map(describe), shared);
}

/** The faults of an error, with paths from the top; an error of no option has the path of none. */
function faultsOf(error: LstmdError, section: OptionFault['at']): ConfigFault[] {
  const { faults, message } = error;
  return faults.length === 0
    ? [{ path: [], message, error }]
    : faults.map((fault) => ({ path: [...section, ...fault.at], message: fault.message, error }));
}
