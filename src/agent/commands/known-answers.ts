import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../base/errors.js';
import { isObject } from '../../base/json.js';
import { replaceFile } from '../../platform/atomic-file.js';

const fileName = 'commands.json';
/** A command that is older than so many others is carried out again. */
const mostKnown = 200;

/** The answers to the commands that had an id, by that: on flash, because a command may come again after a restart. */
export class KnownAnswers {
  readonly #directory: string;
  #answers: Map<string, string> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws Error where the file is there and cannot be read */
  async find(key: string): Promise<string | undefined> {
    return (await this.#known()).get(key);
  }

  /** @throws Error where it cannot be kept on flash; it is known to this process all the same */
  async add(key: string, answer: string): Promise<void> {
    const known = await this.#known();
    known.set(key, answer);
    for (const [oldest] of known) {
      if (known.size <= mostKnown) {
        break;
      }
      known.delete(oldest);
    }
    const file = join(this.#directory, fileName);
    await replaceFile(file, Buffer.from(JSON.stringify([...known])));
  }

  async #known(): Promise<Map<string, string>> {
    this.#answers ??= await this.#read();
    return this.#answers;
  }

  async #read(): Promise<Map<string, string>> {
    let text: string;
    try {
      text = await readFile(join(this.#directory, fileName), 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') {
        return new Map();
      }
      throw error;
    }
    return new Map(pairsOf(text));
  }
}

/** What a damaged file holds is forgotten. */
function pairsOf(text: string): [string, string][] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  const list: readonly unknown[] = Array.isArray(json) ? json : [];
  return list.flatMap((pair): [string, string][] => {
    const both: readonly unknown[] = Array.isArray(pair) ? pair : [];
    const [key, answer] = both;
    const isAnswer = typeof answer === 'string' && isObject(parsed(answer));
    return typeof key === 'string' && isAnswer ? [[key, answer]] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
