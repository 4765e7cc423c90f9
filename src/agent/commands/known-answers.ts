import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../base/errors.js';
import { isObject } from '../../base/json.js';
import { replaceFile } from '../../platform/atomic-file.js';

const fileName = 'commands.json';
/** A command that is older than so many others is carried out again. */
const mostKnown = 200;

/** An answer with the content of the command that it was given to. */
export interface KnownAnswer {
  readonly answer: string;
  /** Undefined of an answer that a version without it has kept. */
  readonly content?: string | undefined;
}

/** The answers to the commands that had an id, by that: on flash, because a command may come again after a restart. */
export class KnownAnswers {
  readonly #directory: string;
  #answers: Map<string, KnownAnswer> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws Error where the file is there and cannot be read */
  async find(key: string): Promise<KnownAnswer | undefined> {
    return (await this.#known()).get(key);
  }

  /** @throws Error where it cannot be kept on flash; it is known to this process all the same */
  async add(key: string, known: KnownAnswer): Promise<void> {
    const answers = await this.#known();
    answers.set(key, known);
    for (const [oldest] of answers) {
      if (answers.size <= mostKnown) {
        break;
      }
      answers.delete(oldest);
    }
    const rows = Array.from(answers, ([name, { answer, content }]) => [name, answer, content]);
    const file = join(this.#directory, fileName);
    await replaceFile(file, Buffer.from(JSON.stringify(rows)));
  }

  async #known(): Promise<Map<string, KnownAnswer>> {
    this.#answers ??= await this.#read();
    return this.#answers;
  }

  async #read(): Promise<Map<string, KnownAnswer>> {
    let text: string;
    try {
      text = await readFile(join(this.#directory, fileName), 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') {
        return new Map();
      }
      throw error;
    }
    return new Map(rowsOf(text));
  }
}

/** What a damaged file holds is forgotten. */
function rowsOf(text: string): [string, KnownAnswer][] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  const list: readonly unknown[] = Array.isArray(json) ? json : [];
  return list.flatMap((row): [string, KnownAnswer][] => {
    const members: readonly unknown[] = Array.isArray(row) ? row : [];
    const [key, answer, content] = members;
    if (typeof key !== 'string' || typeof answer !== 'string' || !isObject(parsed(answer))) {
      return [];
    }
    return [[key, { answer, content: typeof content === 'string' ? content : undefined }]];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
