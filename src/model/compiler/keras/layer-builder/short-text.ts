/** A value of a configuration as messages show it: JSON of at most 80 characters, or `absent`. */
export function shortText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
