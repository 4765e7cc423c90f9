/**
 * A text without control characters but line ends and tabs, and without those that turn the direction of writing:
 * names in a file must not command a terminal, nor look like others.
 */
export function printableText(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, (control) => {
    const code = control.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** Characters of a name that a message shows: a file may name anything at any length. */
const shownLength = 200;

/** A name as a message shows it: on one line, and cut where it is too long for one. */
export function printableName(name: string): string {
  const shown = name.length > shownLength ? `${name.slice(0, shownLength)}...` : name;
  return printableText(shown)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\t', String.raw`\t`);
}
