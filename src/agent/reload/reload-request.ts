import { LstmdError } from '../../base/errors.js';
import type { JsonObject } from '../../base/json.js';

/** Holds the members of a `reload` command. */
export interface ReloadRequest {
  /** Names of entries of `streams`; undefined where the device has one alone. */
  readonly streams: readonly string[] | undefined;
  /** The model, or undefined for that of the configuration. */
  readonly model: { readonly name: unknown; readonly sha256: string } | undefined;
  /** Warm outputs that it must give in each stream before it takes the place of the other. */
  readonly outputs: number;
  /** Time that they may take; undefined for what the model needs at the rate of its stream. */
  readonly seconds: number | undefined;
}

const defaultOutputs = 10;
const mostOutputs = 1_000_000;
const mostSeconds = 86_400;

/**
 * Reads the members of a `reload` command.
 *
 * @throws LstmdError `usage.invalid` naming the member
 */
export function reloadRequest(body: JsonObject): ReloadRequest {
  const { stream, streams, file, sha256, configured, outputs = defaultOutputs, seconds } = body;
  if (stream !== undefined && streams !== undefined) {
    throw invalid('stream, streams: give one of the two');
  }
  if (configured !== undefined && configured !== true) {
    throw invalid('configured: must be true, or left out');
  }
  if (configured === true && (file !== undefined || sha256 !== undefined)) {
    throw invalid('configured: takes the model of the configuration; leave out file and sha256');
  }
  if (!isWholeNumber(outputs, mostOutputs)) {
    throw invalid(`outputs: must be a whole number from 1 to ${mostOutputs}`);
  }
  if (seconds !== undefined && !isWholeNumber(seconds, mostSeconds)) {
    throw invalid(`seconds: must be a whole number from 1 to ${mostSeconds}`);
  }
  const model = configured === true ? undefined : { name: file, sha256: checksumOf(sha256) };
  return { streams: namesOf(stream, streams), model, outputs, seconds };
}

function namesOf(stream: unknown, streams: unknown): readonly string[] | undefined {
  const names = streams ?? (stream === undefined ? undefined : [stream]);
  if (names === undefined) {
    return undefined;
  }
  const list: readonly unknown[] = Array.isArray(names) ? names : [];
  const texts = list.filter((name) => typeof name === 'string');
  if (texts.length === 0 || texts.length < list.length) {
    throw invalid('stream: must be a name, and streams a list of names');
  }
  return [...new Set(texts)];
}

function checksumOf(sha256: unknown): string {
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw invalid(
      'sha256: must be the SHA-256 of the model file, 64 hexadecimal digits, as sha256sum or lstmd inspect tells it',
    );
  }
  return sha256.toLowerCase();
}

function isWholeNumber(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= most;
}

function invalid(message: string): LstmdError {
  return new LstmdError('usage.invalid', message);
}
