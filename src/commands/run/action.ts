import { prepareStreams } from '../../agent/prepared-stream.js';
import { loadConfig } from '../../config/load-config.js';
import { configJsonSchema } from '../../config/schema.js';
import { readSecrets } from '../../config/secrets.js';
import { createProcessLog } from '../../observe/process-log.js';
import { aborted, stopSignal } from '../terminal/stop-signal.js';

export interface RunOptions {
  readonly config?: string;
  readonly check?: boolean;
  readonly schema?: boolean;
}

/**
 * Runs until a signal; then states are on flash.
 *
 * @throws LstmdError for a configuration or model that cannot run
 */
export async function run(options: Required<RunOptions>): Promise<void> {
  if (options.schema) {
    process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return;
  }
  // Before all that takes time: a signal at any moment ends in exit 0.
  const stopping = stopSignal();
  const { file, config } = await loadConfig(options.config);
  const secrets = await readSecrets(config.mqtt);
  // A model is read in a thread of its own, which leaves time to load what serves it.
  const [streams, { Agent }] = await Promise.all([
    prepareStreams(config),
    import('../../agent/agent.js'),
  ]);
  if (options.check) {
    for (const { name, plan, stream } of streams) {
      const { stepper, engine, target } = stream;
      process.stderr.write(
        `${name}: ${plan.name} (${plan.origin}), ${stepper.program.mode}, ${engine} (${target})\n`,
      );
    }
    process.stderr.write(`${file} can run\n`);
    return;
  }
  const log = createProcessLog(config.log);
  for (const { name, stream } of streams) {
    const { engine, target, fallbackReason: reason } = stream;
    const fields = { stream: name, engine, target };
    if (reason === undefined) {
      log.info(fields, `engine ${engine} (${target})`);
    } else {
      log.warn({ ...fields, reason }, 'no native engine: using the reference');
    }
  }
  const agent = new Agent({ config, secrets, streams, log });
  try {
    if (!stopping.aborted) {
      await agent.start(stopping);
    }
    await aborted(stopping);
    log.info({ signal: stopping.reason as unknown }, 'stopping');
  } finally {
    await agent.stop();
  }
}
