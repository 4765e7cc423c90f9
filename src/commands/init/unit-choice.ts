import type { StreamPlan } from '../../model/plan/stream-plan.js';
import { normalizationOf } from '../../model/task/normalization.js';
import { unitFactors } from '../../units/conversion.js';
import type { DetectedFormat } from '../detect/detection.js';
import { unitOfNormalization } from './model-units.js';
import type { Questions } from './questions.js';
import { misfitNotes } from './reading-fit.js';

/** Units of both sides: converted where both are known, else left alone, and said. */
export async function chooseUnits(
  questions: Questions,
  options: { readonly units?: string; readonly modelUnits?: string },
  format: DetectedFormat,
  plan: StreamPlan,
): Promise<{
  readonly sensor: Readonly<Record<string, unknown>>;
  readonly model: string | undefined;
  readonly notes: readonly string[];
}> {
  const expected = normalizationOf(plan);
  const guess = unitOfNormalization(expected);
  const model = await questions.ask(
    'Units that the model was trained on, such as g (empty: not known)',
    options.modelUnits,
    guess,
  );
  const found = [...new Set(format.units)];
  const isKnown = found.length > 0 && !found.includes(null);
  const sensor =
    options.units ??
    (isKnown
      ? undefined
      : await questions.ask('Units of the sensor (empty: not known)', undefined, undefined));
  const notes = [
    ...(model !== undefined && options.modelUnits === undefined && model === guess
      ? [`that the model was trained on ${guess} is a guess by its Normalization layer`]
      : []),
    ...(model === undefined
      ? [
          `nothing says which units the model was trained on: it gets ${isKnown ? found.join(', ') : 'readings'} as they are sent; say model.units where it wants others`,
        ]
      : []),
    ...(!isKnown && sensor === undefined
      ? ['nothing says the units of the readings: they are not converted; say sensor.units']
      : []),
  ];
  const canConvert = isKnown || sensor !== undefined;
  const from = sensor ?? (isKnown ? format.units.flatMap((unit) => unit ?? []) : undefined);
  if (expected !== undefined) {
    const factors = factorsOf(format.axes.length, from, model);
    notes.push(...misfitNotes(format, factors, expected));
  }
  return {
    sensor: sensor === undefined ? {} : { units: sensor },
    model: canConvert ? model : undefined,
    notes,
  };
}

/** From the units of the sensor to those of the model; 1 each where they do not fit, which the configuration is refused for. */
function factorsOf(
  axes: number,
  from: string | readonly string[] | undefined,
  to: string | undefined,
): number[] {
  try {
    return unitFactors(axes, from, to);
  } catch {
    return Array.from({ length: axes }, () => 1);
  }
}
