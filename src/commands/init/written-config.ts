import { constants, rmSync } from 'node:fs';
import { copyFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { configSchema, type Config } from '../../agent/config-schema.js';
import { preparePublisher } from '../../agent/prepared-publisher.js';
import { LstmdError, messageOf } from '../../base/errors.js';
import { readConfigText } from '../../config/load-config.js';
import { fileToReplace } from '../../platform/atomic-file.js';
import { notWritten } from '../terminal/not-written.js';

/** How a program ends that a signal ended, as a shell says it. */
const signalExit: Partial<Record<NodeJS.Signals, number>> = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGHUP: 129,
};

/**
 * Writes the file once it is known to be good. Whatever ends the program meanwhile, nothing else is left behind.
 *
 * @param isForced whether it takes the place of a file that is there
 * @returns what the broker said, in words
 * @throws LstmdError `output.write`, or of the configuration
 */
export async function writeConfig(
  output: string,
  text: string,
  isForced: boolean,
): Promise<string> {
  const place = await fileToReplace(output).catch((cause: unknown) => {
    throw notWritten(output, cause);
  });
  const publisher = await preparePublisher(configOf(text, resolve(output)));
  const draft = join(dirname(resolve(place)), `.${basename(place)}.draft.yaml`);
  const removeDraft = (): void => rmSync(draft, { force: true });
  process.on('exit', removeDraft);
  for (const signal of Object.keys(signalExit)) {
    process.on(signal, leave);
  }
  try {
    await writeFile(draft, text, { mode: 0o644 });
    const said = await publisher.probe().then(
      ({ detail }) => `the broker answers: ${detail}`,
      (error: unknown) => `the broker does not answer, and run waits for it: ${messageOf(error)}`,
    );
    await (isForced ? rename(draft, place) : copyFile(draft, place, constants.COPYFILE_EXCL));
    return said;
  } catch (cause) {
    throw notWritten(output, cause);
  } finally {
    removeDraft();
    process.off('exit', removeDraft);
    for (const signal of Object.keys(signalExit)) {
      process.off(signal, leave);
    }
  }
}

/** @throws LstmdError `config.invalid` with the faults of a configuration that is not written yet */
function configOf(text: string, file: string): Config {
  const { config, faults, describe } = readConfigText(configSchema, text, file);
  if (config === undefined) {
    const lines = faults.map((fault) => `  ${describe(fault)}`).join('\n');
    throw new LstmdError(
      'config.invalid',
      `${file} is not written, for it could not run:\n${lines}`,
    );
  }
  return config;
}

function leave(signal: NodeJS.Signals): void {
  process.exit(signalExit[signal] ?? 1);
}
