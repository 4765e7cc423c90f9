import { printableText } from '../../../base/printable-text.js';

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** A text as HTML shows it, in an element or in a quoted attribute. */
export function escaped(text: string): string {
  return printableText(text).replaceAll(/[&<>"']/g, (character) => entities.get(character) ?? '');
}

/** A table; the first row is its head. Cells of columns before `rightFrom` are text. */
export function htmlTable(rows: readonly (readonly string[])[], rightFrom: number): string {
  const [head = [], ...body] = rows;
  const cells = (row: readonly string[], tag: string) =>
    row
      .map((cell, n) => `<${tag}${n < rightFrom ? ' class="text"' : ''}>${escaped(cell)}</${tag}>`)
      .join('');
  const lines = body.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
  return `<div class="scroll"><table><thead><tr>${cells(head, 'th')}</tr></thead>\n<tbody>${lines}</tbody></table></div>`;
}

/** A value as JSON that can stand in a script element: nothing in it ends the element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
}
