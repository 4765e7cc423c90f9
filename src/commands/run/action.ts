import { LstmdError } from '../../base/errors.js';
import { preflight } from '../../agent/preflight.js';
import { preparePublisher } from '../../agent/prepared-publisher.js';
import { prepareStreams } from '../../agent/prepared-stream.js';
import { loadConfig } from '../../config/load-config.js';
import { jsonSchemaOf } from '../../config/schema.js';
import { configSchema } from '../../agent/config-schema.js';
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
  const { file, config } = await loadConfig(configSchema, options.config);
  if (options.once) {
    const { runTrial } = await import('../live/trial.js');
    await runTrial(config, options, stopping);
    return;
  }
  // No engine takes the place of the addon here: the lock of the state and the ports are its work too.
  loadAddon();
  // A model is read in a thread of its own, so the agent's code is loaded meanwhile.
  const prepared = await unlessAborted(
    stopping,
    Promise.all([
      preparePublisher(config),
      prepareStreams(config, stopping),
      import('../../agent/agent.js'),
    ]),
  );
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
    const { stateDirectory, links } = await preflight(config);
    const faults = [...(stateDirectory === undefined ? [] : [stateDirectory]), ...links];
    if (faults.length > 0) {
      const list = faults.map((fault) => `  ${fault}`).join('\n');
      throw new LstmdError('config.invalid', `${file} cannot run on this machine:\n${list}`);
    }
    for (const { name, plan, stepper, engine, target } of streams) {
      process.stderr.write(
        `${name}: ${plan.name} (${plan.origin}), ${stepper.program.mode}, ${engine} (${target})\n`,
      );
    }
    process.stderr.write(`${file} can run\n`);
    return;
  }
  const log = createProcessLog(config.log);
  for (const { name, engine, target, fallbackReason: reason } of streams) {
    const fields = { stream: name, engine, target };
    if (reason === undefined) {
      log.info(fields, `engine ${engine} (${target})`);
    } else {
      log.warn({ ...fields, reason }, 'no native engine: using the reference');
    }
  }
  const agent = new Agent({ config, publisher, streams, log });
  const fault = uncaughtFault(log);
  const ending = AbortSignal.any([stopping, fault]);
  try {
    if (!ending.aborted) {
      await agent.start(ending);
    }
    await aborted(ending);
    fault.throwIfAborted();
    log.info({ signal: stopping.reason as unknown }, 'stopping');
  } finally {
    await agent.stop();
  }
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
