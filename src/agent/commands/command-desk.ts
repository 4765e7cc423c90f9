import { createHash } from 'node:crypto';
import { LstmdError, messageOf } from '../../base/errors.js';
import { isObject, type JsonObject } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import { printableText } from '../../base/printable-text.js';
import { RepeatedLine } from '../../base/repeated-line.js';
import type { CommandName } from '../../config/commands-section.js';
import type { CommandHandler } from '../../publish/outbox/contract/commands.js';
import { KnownAnswers, type KnownAnswer } from './known-answers.js';

/** Does what a command asks for by the members of its payload; it throws where it cannot. */
export type CommandAction = (body: JsonObject) => Promise<object>;

export interface CommandDeskOptions {
  readonly allow: readonly CommandName[];
  readonly actions: Readonly<Record<CommandName, CommandAction>>;
  /** The device's directory on flash. */
  readonly directory: string;
  readonly log: Log;
}

/** So many may wait for the one that is carried out. */
const mostWaiting = 16;
const longestId = 128;
/** A device that is commanded more often logs the rest by their number. */
const linesAMinute = 30;

/**
 * Carries out the commands that are allowed, one after the other, and logs each. A command with an `id` is carried out once:
 * when it comes again, be it after a restart, the answer is the one from before; with other members it is refused.
 */
export class CommandDesk implements CommandHandler {
  readonly #options: CommandDeskOptions;
  readonly #known: KnownAnswers;
  readonly #lines: Readonly<Record<'done' | 'failed', RepeatedLine>>;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: CommandDeskOptions) {
    const { log } = options;
    this.#options = options;
    this.#known = new KnownAnswers(options.directory);
    this.#lines = {
      done: new RepeatedLine((fields, message) => log.info(fields, message), linesAMinute),
      failed: new RepeatedLine((fields, message) => log.warn(fields, message), linesAMinute),
    };
  }

  flush(): void {
    this.#lines.done.flush();
    this.#lines.failed.flush();
  }

  async run(name: string, payload: string): Promise<string> {
    if (this.#waiting >= mostWaiting) {
      return this.#answer(name, undefined, async () => {
        await Promise.resolve();
        throw new LstmdError('usage.invalid', `${mostWaiting} commands wait already: try again`);
      });
    }
    this.#waiting += 1;
    const answer = this.#last.then(() => this.#carryOut(name, payload));
    this.#last = answer;
    try {
      return await answer;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #carryOut(name: string, payload: string): Promise<string> {
    let id: string | undefined;
    let body: JsonObject = {};
    const read = async (): Promise<object> => {
      const action = this.#actionOf(name);
      body = bodyOf(payload);
      id = idOf(body);
      return action(body);
    };
    let content = '';
    try {
      const given = bodyOf(payload);
      id = idOf(given);
      content = contentOf(given);
    } catch {
      // `read` tells what is wrong with it.
    }
    const key = id === undefined ? undefined : `${name} ${id}`;
    const before = key === undefined ? undefined : await this.#before(key);
    if (before !== undefined && (before.content ?? content) !== content) {
      return this.#answer(name, id, () => Promise.reject(usedBefore(id)));
    }
    if (before !== undefined) {
      return `${before.answer.slice(0, -1)},"again":true}`;
    }
    const answer = await this.#answer(name, id, read);
    if (key !== undefined) {
      await this.#known.add(key, { answer, content }).catch((error: unknown) => {
        this.#lines.failed.say(
          { command: name, reason: messageOf(error) },
          'the id of a command cannot be kept on flash: it would be carried out again after a restart',
        );
      });
    }
    return answer;
  }

  async #before(key: string): Promise<KnownAnswer | undefined> {
    try {
      return await this.#known.find(key);
    } catch {
      // Whether it was carried out is not known; to add it tells why.
      return undefined;
    }
  }

  #actionOf(name: string): CommandAction {
    const { allow, actions } = this.#options;
    const allowed = allow.find((each) => each === name);
    if (allowed === undefined) {
      throw new LstmdError(
        'usage.invalid',
        `not allowed here: commands.allow names ${allow.join(', ')}`,
      );
    }
    return actions[allowed];
  }

  async #answer(name: string, id: string | undefined, act: () => Promise<object>): Promise<string> {
    const about = { command: printableText(name), ...(id !== undefined && { id }) };
    try {
      const result = await act();
      this.#lines.done.say({ ...about, ...result }, 'carried out a command');
      return JSON.stringify({ ts: Date.now(), ...about, ok: true, ...result });
    } catch (error) {
      const reason = messageOf(error);
      this.#lines.failed.say({ ...about, reason }, 'a command was not carried out');
      return JSON.stringify({ ts: Date.now(), ...about, ok: false, error: reason });
    }
  }
}

function usedBefore(id = ''): LstmdError {
  return new LstmdError(
    'usage.invalid',
    `id: "${printableText(id)}" was used before with other members, and was carried out so: another command needs an id of its own`,
  );
}

/** Returns a digest that is the same for commands that ask for the same, whatever the order of their members. */
function contentOf(body: JsonObject): string {
  const members = Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(members)).digest('hex');
}

function bodyOf(payload: string): JsonObject {
  if (payload.trim() === '') {
    return {};
  }
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch (cause) {
    throw new LstmdError('usage.invalid', `the payload is no JSON: ${messageOf(cause)}`, { cause });
  }
  if (!isObject(json)) {
    throw new LstmdError('usage.invalid', 'the payload is no JSON object');
  }
  return json;
}

function idOf({ id }: JsonObject): string | undefined {
  if (id !== undefined && (typeof id !== 'string' || id === '' || id.length > longestId)) {
    throw new LstmdError('usage.invalid', `id: must be a text of 1 to ${longestId} characters`);
  }
  return id;
}
