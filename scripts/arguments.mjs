/**
 * Reads the arguments of a script, with the same `--help` and the same refusals for each. Plain Node, because it runs before anything
 * is installed.
 */
import { parseArgs } from 'node:util';

/** Wrong usage, as docs/exit-codes.md has it. */
const usageCode = 64;

/**
 * Returns the options and words that this process was called with. `--help` prints the help and ends the process with 0. An option,
 * value or word that is not known ends it with 64, and with those that are.
 *
 * @param help how it is called, and in a few lines what it does and what the options are
 * @param known.options as `parseArgs` has them; one with `choices` takes no other value
 * @param known.words the words that it takes, default none; null where the caller judges them
 */
export function readArguments(help, { options = {}, words = [] } = {}) {
  const { values, positionals } = parse(options);
  if (values.help === true) {
    process.stdout.write(`${help.trim()}\n`);
    process.exit(0);
  }
  for (const [name, { choices }] of Object.entries(options)) {
    const wrong = [values[name] ?? []].flat().find((value) => choices?.includes(value) === false);
    if (wrong !== undefined) {
      refuse(`--${name} ${wrong} is not known; known are ${choices.join(', ')}`);
    }
  }
  const unknown = positionals.find((word) => words?.includes(word) === false);
  if (unknown !== undefined) {
    refuse(
      words.length === 0
        ? `"${unknown}" is not known; ${optionsOf(options)}`
        : `"${unknown}" is not known; known are ${words.join(', ')}`,
    );
  }
  return { values, words: positionals };
}

/** Says that a script was called in a way that it does not know, and ends the process with 64. */
export function refuse(message) {
  process.stderr.write(`lstmd: ${message}\n`);
  process.exit(usageCode);
}

function parse(options) {
  try {
    const help = { type: 'boolean', short: 'h' };
    return parseArgs({ options: { ...options, help }, allowPositionals: true });
  } catch (error) {
    if (!String(error.code).startsWith('ERR_PARSE_ARGS')) {
      throw error;
    }
    // What follows the first sentence is how a word may begin with a dash, which none does here.
    const [fault] = error.message.split(/\. |\n/);
    return refuse(`${fault}; ${optionsOf(options)}`);
  }
}

function optionsOf(options) {
  const names = [...Object.keys(options), 'help'].map((name) => `--${name}`);
  return `the options are ${names.join(', ')}`;
}
