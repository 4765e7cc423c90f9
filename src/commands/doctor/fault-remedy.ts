import {
  errorCode,
  ExitCode,
  furtherCause,
  messageOf,
  type ErrorCode,
  type LstmdError,
} from '../../base/errors.js';

/** Holds what to do about faults whose message alone does not name a command. */
const remedies: Partial<Readonly<Record<ErrorCode, string>>> = {
  'model.malformed': 'copy the file again from where it was saved, and compare their sha256sum',
  'model.refused': '"lstmd inspect MODEL" names the layer, and what to save in its place',
  'model.mode': '"lstmd inspect MODEL" says which modes are exact, and recommends one',
  'model.verify': '"lstmd verify MODEL CASE" shows where the numbers differ',
  'state.unusable': 'name a folder that this user may write to in stateDirectory',
  'state.write': 'name a folder on a disk that can be written to in stateDirectory',
};

/**
 * Returns what to do about a fault that keeps a configuration from running, in one line.
 *
 * @param file the configuration
 */
export function faultRemedy(error: LstmdError, file: string): string {
  if (error.exitCode === ExitCode.noInput) {
    return 'put the file there, or name another';
  }
  return remedies[error.code] ?? `correct it, and try it by: lstmd run --check -c ${file}`;
}

/** Returns what to do about a file that could not be read as a configuration. */
export function fileRemedy(error: LstmdError, file: string): string {
  const code = errorCode(error.cause);
  if (code === 'ENOENT') {
    return `write one: lstmd init --model MODEL --output ${file}`;
  }
  return code === 'EACCES'
    ? `read it as root: sudo lstmd doctor -c ${file}`
    : faultRemedy(error, file);
}

/** The message of an error with what caused it, of which a list has the first line. */
export function causeText(error: unknown): string {
  const message = messageOf(error);
  const [cause = ''] =
    (error instanceof Error ? furtherCause(error) : undefined)?.split('\n') ?? [];
  return message.includes(cause) ? message : `${message}: ${cause}`;
}
