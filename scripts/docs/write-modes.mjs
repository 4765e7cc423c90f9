/**
 * `node scripts/docs/write-modes.mjs`: draws docs/modes-continuous.svg, docs/modes-sequence.svg and docs/modes-sliding.svg, the way of
 * twelve samples through a network in each mode. A test holds the pictures to this.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const samples = 12;
const window = 4;
const pitch = 50;
const left = 92;
const box = 30;
const colours = {
  sample: '#d0d7de',
  step: '#54aeff',
  warm: '#1a7f37',
  cold: '#afb8c1',
  text: '#57606a',
};

const centre = (n) => left + n * pitch + box / 2;

function text(x, y, words, anchor = 'middle') {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
}

function rectangle(n, y, fill, words = '') {
  const x = left + n * pitch;
  return `<rect x="${x}" y="${y}" width="${box}" height="${box}" rx="4" fill="${fill}"/>${words && text(centre(n), y + 20, words)}`;
}

function arrow(x1, y1, x2, y2) {
  return `<path d="M${x1} ${y1}L${x2} ${y2}" marker-end="url(#head)"/>`;
}

function output(n, y, isWarm) {
  return `<circle cx="${centre(n)}" cy="${y}" r="11" fill="${isWarm ? colours.warm : colours.cold}"/>`;
}

const each = (draw, count = samples) => Array.from({ length: count }, (_, n) => draw(n)).join('');

function sampleRow() {
  return (
    each((n) => rectangle(n, 10, colours.sample, `${n + 1}`)) +
    text(left - 12, 30, 'samples', 'end')
  );
}

/** Steps under each sample, with the state handed on but where it is reset. */
function chain(
  y,
  {
    from = 0,
    count = samples,
    isReset = () => false,
    isWarm = () => true,
    isShown = () => true,
    outputY,
  },
) {
  return Array.from({ length: count }, (_, k) => {
    const n = from + k;
    const hand =
      k + 1 < count && !isReset(n) ? arrow(centre(n) + 15, y + 15, centre(n + 1) - 17, y + 15) : '';
    const reset = isReset(n)
      ? `<path class="reset" d="M${centre(n) + 25} ${y - 4}V${y + 34}"/>`
      : '';
    const shown = isShown(n)
      ? arrow(centre(n), y + box, centre(n), outputY - 13) + output(n, outputY, isWarm(n))
      : '';
    return rectangle(n, y, colours.step) + hand + reset + shown;
  }).join('');
}

const inputs = (y, from = 0, count = samples) =>
  Array.from({ length: count }, (_, k) =>
    arrow(centre(from + k), 40, centre(from + k), y - 2),
  ).join('');

function picture(title, height, content) {
  const width = left + samples * pitch;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${title}</title>
<defs><marker id="head" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L6 3L0 6Z" style="fill:${colours.text};stroke:none"/></marker></defs>
<style>text{font:12px sans-serif;fill:${colours.text}}path{stroke:${colours.text};stroke-width:1.3;fill:none}.reset{stroke:#cf222e;stroke-width:2;stroke-dasharray:4 3}</style>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${content}
</svg>
`;
}

const continuous = picture(
  'continuous: the state goes from sample to sample, and each sample has an output',
  150,
  sampleRow() +
    inputs(66) +
    chain(66, { outputY: 128, isWarm: (n) => n >= window - 1 }) +
    text(left - 12, 86, 'steps', 'end') +
    text(left - 12, 132, 'outputs', 'end'),
);

const sequence = picture(
  'sequence: after T samples the state is zeros again; the last output of each window is that of predict',
  150,
  sampleRow() +
    inputs(66) +
    chain(66, {
      outputY: 128,
      isReset: (n) => n % window === window - 1,
      isWarm: (n) => n % window === window - 1,
    }) +
    text(left - 12, 86, 'steps', 'end') +
    text(left - 12, 132, 'outputs', 'end'),
);

/** Lanes, each of which steps a window of its own, so that each sample ends one of them. */
const sliding = picture(
  'sliding: staggered lanes, of which each has the window that ends at another sample',
  70 + window * 44 + 40,
  sampleRow() +
    each((lane) => {
      const y = 56 + lane * 44;
      const starts = [lane, lane + window, lane + 2 * window].filter(
        (start) => start + window <= samples,
      );
      const steps = starts.map((start) => {
        const cells = each((k) => rectangle(start + k, y, colours.step), window);
        const hands = each(
          (k) => arrow(centre(start + k) + 15, y + 15, centre(start + k + 1) - 17, y + 15),
          window - 1,
        );
        const last = start + window - 1;
        return `${cells}${hands}${output(last, 70 + window * 44 + 14, true)}`;
      });
      return steps.join('') + text(left - 12, y + 20, `lane ${lane + 1}`, 'end');
    }, window) +
    text(left - 12, 70 + window * 44 + 18, 'outputs', 'end'),
);

/** Holds the pictures by their file names in docs/. */
export const pictures = {
  'modes-continuous.svg': continuous,
  'modes-sequence.svg': sequence,
  'modes-sliding.svg': sliding,
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, svg] of Object.entries(pictures)) {
    writeFileSync(new URL(`../../docs/${name}`, import.meta.url), svg);
  }
}
