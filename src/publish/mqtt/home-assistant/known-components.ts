import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../../base/errors.js';
import { isObject } from '../../../base/json.js';
import { replaceFile } from '../../../platform/atomic-file.js';

/** A component that Home Assistant was told of. */
export interface KnownComponent {
  readonly component: { readonly p: string };
  /** The stream that it shows; empty for one of the device itself. */
  readonly stream: string;
  /** The entry of the configuration that the stream was of; empty likewise. */
  readonly entry: string;
}

/** The components by discovery topic and key. */
export type KnownTopics = Readonly<Record<string, Readonly<Record<string, KnownComponent>>>>;

const fileName = 'home-assistant.json';

/**
 * Reads what Home Assistant was told of before this start.
 *
 * @param directory the device's directory on flash
 * @returns nothing where there is no file, or one that was not written by this program
 */
export async function readKnown(directory: string): Promise<KnownTopics> {
  let text: string;
  try {
    text = await readFile(join(directory, fileName), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return {};
    }
    throw error;
  }
  return knownTopics(text);
}

/** Keeps what Home Assistant is told of from now on. */
export async function writeKnown(directory: string, known: KnownTopics): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await replaceFile(join(directory, fileName), Buffer.from(JSON.stringify(known)));
}

function knownTopics(text: string): KnownTopics {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return {};
  }
  const topics = isObject(json) ? Object.entries(json) : [];
  return Object.fromEntries(
    topics.map(([topic, components]) => [
      topic,
      Object.fromEntries(
        Object.entries(isObject(components) ? components : {}).flatMap(([id, value]) => {
          const { component, stream, entry } = isObject(value) ? value : {};
          return isComponent(component) && typeof stream === 'string' && typeof entry === 'string'
            ? [[id, { component, stream, entry }] as const]
            : [];
        }),
      ),
    ]),
  );
}

function isComponent(value: unknown): value is { readonly p: string } {
  return isObject(value) && typeof value['p'] === 'string';
}
