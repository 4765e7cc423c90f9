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
