import type { OutputFacts } from '../messages.js';
import type { Course } from './course.js';
import { byId } from './element.js';
import { outputName } from './names.js';
import { Plot, type Line } from './plot.js';

const titles: Readonly<Record<OutputFacts['what'], string>> = {
  probability: 'Probability',
  value: 'Value',
  score: 'Score of the reconstruction',
  error: 'Error of the forecast',
};

/** The plots of a stream: one for each kind of output, and one of the features. */
export function plotsOf(course: Course): Plot[] {
  const { features, outputs, moreFeatures, thresholds, columnSamples } = course.facts;
  const kinds = [...new Set(outputs.map(({ what }) => what))];
  const ofOutputs = kinds.map(
    (kind, place) =>
      new Plot({
        title: titles[kind],
        course,
        namesMarks: place === 0,
        range: kind === 'probability' ? [0, 1] : undefined,
        levels: thresholds.filter(({ what }) => what === kind).map(({ on }) => on),
        lines: outputs.flatMap((output, n): Line[] =>
          output.what === kind
            ? [{ name: outputName(output), values: course.outputs[n] ?? [] }]
            : [],
        ),
      }),
  );
  const ofFeatures = new Plot({
    title:
      moreFeatures > 0
        ? `Features (the first ${features.length}, ${moreFeatures} more)`
        : 'Features',
    course,
    namesMarks: kinds.length === 0,
    lines: features.map((name, n) => ({
      name,
      values: course.high[n] ?? [],
      low: columnSamples > 1 ? course.low[n] : undefined,
    })),
  });
  const plots = [...ofOutputs, ofFeatures];
  byId('plots', HTMLDivElement).append(...plots.map(({ element }) => element));
  return plots;
}
