import { countText, shareText } from '../number-text.js';
import { escaped } from './html.js';

/** Counts of outputs by label (rows) and by what the model says (columns), darker where more of a row are. */
export function confusionTable(
  classes: readonly string[],
  rows: readonly (readonly number[])[],
): string {
  const head = classes.map((name) => `<th scope="col">${escaped(name)}</th>`).join('');
  const body = rows
    .map((row, label) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      const cells = row.map((count, predicted) => {
        const share = total === 0 ? 0 : count / total;
        const kind = predicted === label ? 'right' : 'wrong';
        return `<td class="${kind}" style="--share:${share.toFixed(3)}"><b>${countText(count)}</b><small>${total === 0 ? '-' : shareText(share)}</small></td>`;
      });
      return `<tr><th scope="row">${escaped(classes[label] ?? '')}</th>${cells.join('')}</tr>`;
    })
    .join('\n');
  return `<figure><figcaption>Rows are labels, columns what the model says</figcaption>
<div class="scroll"><table class="confusion"><thead><tr><th></th>${head}</tr></thead><tbody>${body}</tbody></table></div></figure>`;
}
