/** Does what the keys of the terminal ask for. */
export interface KeyActions {
  end(): void;
  /** Moves the rows by so many. */
  move(rows: number): void;
}

/** The part of a terminal that gives keys. */
export interface KeyInput {
  readonly isTTY: boolean;
  setRawMode(isRaw: boolean): unknown;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  off(event: 'data', listener: (bytes: Buffer) => void): unknown;
  pause(): unknown;
}

const moves: ReadonlyMap<string, number> = new Map([
  ['j', 1],
  ['k', -1],
  ['\u001b[B', 1],
  ['\u001b[A', -1],
  ['\u001b[6~', 10],
  ['\u001b[5~', -10],
]);

/**
 * Hears the keys of a terminal, one by one.
 *
 * @returns a function that gives the terminal back; does nothing where stdin is none
 */
export function hearKeys(actions: KeyActions, input: KeyInput = process.stdin): () => void {
  if (!input.isTTY) {
    return () => {};
  }
  const heard = (bytes: Buffer): void => {
    const key = bytes.toString('latin1');
    // In raw mode Ctrl-C is a key as any other.
    if (key === 'q' || key === 'Q' || key === '\u0003') {
      actions.end();
    } else {
      actions.move(moves.get(key) ?? 0);
    }
  };
  input.setRawMode(true);
  input.on('data', heard);
  return () => {
    input.off('data', heard);
    input.setRawMode(false);
    input.pause();
  };
}
