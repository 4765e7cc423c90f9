import { pathText } from './option-path.js';

/**
 * Exit codes of sysexits.h. `deploy/lstmd.service` lists those after which no restart can help
 * (usage, data, config) in `RestartPreventExitStatus`.
 */
export const ExitCode = {
  ok: 0,
  failure: 1,
  usage: 64,
  data: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  os: 71,
  cantCreate: 73,
  io: 74,
  temporary: 75,
  noPermission: 77,
  config: 78,
} as const;

/** Stable codes, for programs to match on. The part before the dot is the room that raises it. */
export type ErrorCode =
  | 'config.invalid'
  | 'config.unreadable'
  | 'sensor.link'
  | 'sensor.input'
  | 'recording.unreadable'
  | 'recording.write'
  | 'model.unreadable'
  | 'model.notRead'
  | 'model.malformed'
  | 'model.refused'
  | 'model.mode'
  | 'model.verify'
  | 'engine.unavailable'
  | 'engine.argument'
  | 'state.unreadable'
  | 'state.absent'
  | 'state.mismatch'
  | 'state.write'
  | 'state.unusable'
  | 'state.locked'
  | 'publish.unavailable'
  | 'agent.stopTimeout'
  | 'output.write'
  | 'usage.invalid';

const exitCodes: Record<ErrorCode, number> = {
  'config.invalid': ExitCode.config,
  'config.unreadable': ExitCode.noInput,
  'sensor.link': ExitCode.io,
  'sensor.input': ExitCode.data,
  'recording.unreadable': ExitCode.data,
  'recording.write': ExitCode.cantCreate,
  'model.unreadable': ExitCode.noInput,
  'model.notRead': ExitCode.temporary,
  'model.malformed': ExitCode.data,
  'model.refused': ExitCode.data,
  'model.mode': ExitCode.data,
  'model.verify': ExitCode.data,
  'engine.unavailable': ExitCode.unavailable,
  'engine.argument': ExitCode.software,
  'state.unreadable': ExitCode.data,
  'state.absent': ExitCode.noInput,
  'state.mismatch': ExitCode.data,
  'state.write': ExitCode.io,
  'state.unusable': ExitCode.config,
  'state.locked': ExitCode.temporary,
  'publish.unavailable': ExitCode.unavailable,
  'agent.stopTimeout': ExitCode.software,
  'output.write': ExitCode.cantCreate,
  'usage.invalid': ExitCode.usage,
};

/** An option of a configuration, and what is wrong with it. */
export interface OptionFault {
  /** The way to it within its section, such as `['model', 'labels']` within a stream. */
  readonly at: readonly (string | number)[];
  readonly message: string;
}

interface LstmdErrorOptions {
  readonly cause?: unknown;
  readonly at?: OptionFault['at'] | undefined;
  readonly faults?: readonly OptionFault[];
}

/**
 * The one error class. Its message names the file, the layer, the field or the line, and the way
 * out; its code is stable and begins with the room that raised it.
 */
export class LstmdError extends Error {
  override readonly name = 'LstmdError';

  readonly code: ErrorCode;
  /** The options that are at fault, each with a message of its own; none where it is no option's fault. */
  readonly faults: readonly OptionFault[];

  /**
   * @param options.at the one option that is at fault; the message of the error begins with it
   * @param options.faults several of them
   */
  constructor(code: ErrorCode, message: string, options: LstmdErrorOptions = {}) {
    const { at = [], faults = options.at === undefined ? [] : [{ at, message }] } = options;
    super(at.length === 0 ? message : `${pathText(at)}: ${message}`, options);
    this.code = code;
    this.faults = faults;
  }

  /** That of the code; a file that was to be read and is not there is `noInput` in every room. */
  get exitCode(): number {
    const own = exitCodes[this.code];
    return contentFaults.has(own) && isMissingFile(this.cause) ? ExitCode.noInput : own;
  }
}

/** The exit codes of what was read and found wrong. */
const contentFaults: ReadonlySet<number> = new Set([
  ExitCode.usage,
  ExitCode.data,
  ExitCode.config,
]);

/** Returns whether an error, or what caused it, is that a file is not there. */
function isMissingFile(error: unknown): boolean {
  return error instanceof Error && (errorCode(error) === 'ENOENT' || isMissingFile(error.cause));
}

/** The code of a failed system call (`ENOSPC`) or of an error of Node's own, if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) {
    return undefined;
  }
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Words of the system that say little to whoever reads them, and others in their place. */
const ownWords: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of its path is no folder',
};

/**
 * Returns what caused an error, for whoever writes it behind the message of that error: undefined where the message has
 * the reason already, and without the path of a file that the message has named.
 */
export function furtherCause({ message, cause }: Error): string | undefined {
  if (cause === undefined) {
    return undefined;
  }
  const reason = reasonOf(cause);
  if (message.includes(reason)) {
    return undefined;
  }
  const path = unnamedPath(cause, reason);
  const isNamed = path !== undefined && message.includes(path);
  return isNamed ? reason : messageOf(cause);
}

/** The message of any thrown value, for a log line or for the message of a wrapping error; of a call on a file with its path. */
export function messageOf(error: unknown): string {
  const reason = reasonOf(error);
  const path = unnamedPath(error, reason);
  return path === undefined ? reason : `${path}: ${reason}`;
}

/** The path of the file that a call failed on, where the reason does not name it; undefined for all other errors. */
function unnamedPath(error: unknown, reason: string): string | undefined {
  const path: unknown = error instanceof Error && 'path' in error ? error.path : undefined;
  return typeof path === 'string' && path !== '' && !reason.includes(path) ? path : undefined;
}

/**
 * Returns why a call failed, for a message that has the file's path already: of the `ENOENT: no such file or directory, open
 * 'x'` of Node it is the words in the middle.
 */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = errorCode(error) ?? '';
  const [, ofFile] = /^E[A-Z0-9]+: (.+?), \w+(?: '.*')?$/s.exec(message) ?? [];
  const [, ofSocket] = /^[a-z]+ E[A-Z0-9]+: (.+)$/s.exec(message) ?? [];
  return (ofFile === undefined ? undefined : ownWords[code]) ?? ofFile ?? ofSocket ?? message;
}

/** The message of a call on a file that failed, with its path, which the system leaves out where the file is a folder. */
export function fileFault(path: string, error: unknown): string {
  const message = messageOf(error);
  return message.includes(path) ? message : `${path}: ${message}`;
}
