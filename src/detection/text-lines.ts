/** The most lines that are looked at for the layout of their fields. */
const mostLines = 400;

/**
 * The whole lines in bytes, as Latin-1. The first is left out, which may lack its beginning, and so is the last.
 * Empty lines and zero bytes are passed over.
 */
export function wholeLines(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\0', '');
  return text
    .split(/[\r\n]/)
    .slice(1, -1)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-mostLines);
}
