/** Words that people name a state by, and those that may stand beside them. */
const stateWord = /^(h|hx|hn|ht|hidden|states?|carry|memory|before)$/;
const wordBeside =
  /^(|in|input|init|initial|prev|previous|last|old|t|n|c|x|cell|l|layer|lstm|gru|rnn)$/;

/** Words that say that a state is the one of the next step. */
const nextWord = /^(out|output|next|new|after|updated|final|cx|cn)$/;

/** Returns whether a name says a state and nothing else: `h_0`, `hiddenState`, and not `state_of_charge`. */
export function isNamedState(name: string): boolean {
  const words = wordsOf(name);
  return (
    words.some((word) => stateWord.test(word)) &&
    words.every((word) => stateWord.test(word) || wordBeside.test(word))
  );
}

/** Returns whether a name says the state of the next step and nothing else: `hn`, `h_out`, `next_state`. */
export function isNamedNext(name: string): boolean {
  const words = wordsOf(name);
  return (
    words.some((word) => stateWord.test(word)) &&
    words.every((word) => [stateWord, wordBeside, nextWord].some((known) => known.test(word)))
  );
}

function wordsOf(name: string): string[] {
  return name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase());
}
