/** Carries out commands that come over a publisher, one after the other. */
export interface CommandHandler {
  /**
   * Carries out a command, or answers as it did before where it was carried out already. Never rejects.
   *
   * @param name as it came
   * @param payload JSON, or empty
   * @returns the answer: a JSON object
   */
  run(name: string, payload: string): Promise<string>;
  /** Says in the log what was only counted so far, at a stop. */
  flush(): void;
}
