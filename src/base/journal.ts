import { fstatSync } from 'node:fs';

/** Priorities of syslog(3), which sd-daemon(3) takes as a prefix of a line. */
export const Priority = { error: 3, warning: 4, info: 6, debug: 7 } as const;

/**
 * Returns whether stderr goes to the journal of systemd: $JOURNAL_STREAM has the device and the inode of the stream that
 * systemd connected (systemd.exec(5)), which a redirection replaces and a child inherits in vain.
 */
export function isStderrJournal(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const journal = environment['JOURNAL_STREAM'];
  if (journal === undefined) {
    return false;
  }
  try {
    const { dev, ino } = fstatSync(2, { bigint: true });
    return journal === `${dev}:${ino}`;
  } catch {
    // Without a stderr there is no journal behind it.
    return false;
  }
}

/** Puts its priority before each line of a text, where stderr goes to the journal. */
export function forStderr(text: string, priority: number): string {
  return isStderrJournal() ? text.replaceAll(/^(?=[^\n])/gm, `<${priority}>`) : text;
}
