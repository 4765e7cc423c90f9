/** Numbers with blanks between, or a comma and blanks, of which the first has digits on either side of a comma. */
const plainRow = /^[+-]?\d+,\d+(?:,? +[+-]?\d+(?:,\d+)?)+,?$/;

/** A number behind its name whose digits after a comma are no name of a next number. */
const labelledNumber = /[:=]\s*[+-]?\d+,\d+(?=[\s,;]|$)(?!\s*[:=])/;

/** Returns whether a line has decimal commas for sure, where they are not read: commas would separate its fields. */
export function hasDecimalCommas(line: string): boolean {
  return plainRow.test(line) || labelledNumber.test(line);
}
