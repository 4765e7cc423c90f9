import { printableText } from '../../base/printable-text.js';

const mostShown = 80;

/** Says once that the features are read in their order, whatever a header calls them. */
export function tellUnreadHeader(): (header: string) => void {
  let isTold = false;
  return (header) => {
    if (!isTold) {
      isTold = true;
      const shown = header.length > mostShown ? `${header.slice(0, mostShown)} ...` : header;
      process.stderr.write(
        printableText(
          `lstmd: the header "${shown}" is passed over, and the features are the fields in their order: --axes with the names of the features finds them by it\n`,
        ),
      );
    }
  };
}
