import type { CsvLine } from './text/csv-line.js';

/** A flipped bit makes a point of a comma once, and not in so many rows that follow each other. */
const pointRows = 3;

/**
 * Finds rows of which the commas may separate fields or be decimal commas: `1,5,2,3,5` is five numbers, or 1.5, 2 and
 * 3.5. A decimal point shows that commas separate; so does, for all rows of as many fields, one in which no two
 * fields can be joined, since a sensor writes a fixed number of columns.
 */
export class CommaReadings {
  readonly #leastFields: number;
  /** A number of fields that has only one reading. */
  #plainCount = 0;
  /** Rows with a decimal point that followed each other, up to those that settle it. */
  #pointRows = 0;

  /** @param leastFields how many fields the axes need */
  constructor(leastFields: number) {
    this.#leastFields = leastFields;
  }

  /**
   * Returns whether a row could be read with decimal commas as well, and would still have a number for each axis. Learns from
   * the row: to be asked once for each.
   */
  isAmbiguous(line: CsvLine): boolean {
    const { count } = line;
    if (
      !line.isCommaSeparated ||
      count <= this.#leastFields ||
      count === this.#plainCount ||
      this.#pointRows === pointRows
    ) {
      return false;
    }
    if (line.hasDecimalPoint) {
      this.#pointRows += 1;
      return false;
    }
    this.#pointRows = 0;
    if (line.mayHaveDecimalCommas) {
      return true;
    }
    this.#plainCount = line.isNumeric ? count : 0;
    return false;
  }
}
