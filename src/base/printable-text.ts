/** A text without control characters but line ends and tabs: names in a file must not command a terminal. */
export function printableText(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, (control) => {
    const code = control.charCodeAt(0).toString(16);
    return `\\x${code.padStart(2, '0')}`;
  });
}
