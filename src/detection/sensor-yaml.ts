import type { Finding } from './finding.js';

/** Rates at which sensors are usually set, in Hz. */
const usualRates = [
  1, 2, 4, 5, 8, 10, 12.5, 15, 16, 20, 25, 26, 30, 32, 33.3, 40, 50, 52, 60, 64, 75, 80, 100, 104,
  119, 120, 125, 128, 160, 200, 208, 238, 250, 256, 300, 400, 416, 476, 500, 512, 800, 833, 952,
  1000, 1024, 1600, 1660, 2000, 3200, 3332, 4000, 6400, 6664, 8000, 12_800, 25_600, 26_700,
];
const mostRateError = 0.03;

/** The rate that was meant: the nearest usual one, or three digits of what was measured. */
export function nominalRateHz(measuredHz: number): number {
  const [nearest = measuredHz] = usualRates.toSorted(
    (a, b) => Math.abs(a - measuredHz) - Math.abs(b - measuredHz),
  );
  return Math.abs(nearest / measuredHz - 1) <= mostRateError
    ? nearest
    : Number(measuredHz.toPrecision(3));
}

/** The options of a `sensor` section, in the order in which one reads them. */
export function sensorSection(
  finding: Finding,
  link: string,
  baudRate: number | undefined,
): Record<string, unknown> {
  const { decoder, axes, options, units, unitsFrom, rateHz } = finding;
  const known = units.flatMap((unit) => unit ?? []);
  const isAll = known.length === axes.length && unitsFrom !== 'the format';
  const first = known[0];
  return {
    link,
    ...(baudRate === undefined ? {} : { baudRate }),
    decoder,
    axes,
    ...options,
    ...(rateHz === null ? {} : { rateHz: nominalRateHz(rateHz) }),
    ...(isAll ? { units: known.every((unit) => unit === first) ? first : known } : {}),
  };
}

/** Lines of YAML of a section, each indented. */
export function yamlLines(section: Readonly<Record<string, unknown>>, indent: string): string[] {
  return Object.entries(section).map(([key, value]) => `${indent}${key}: ${yamlText(value)}`);
}

/** A value as YAML on one line. */
function yamlText(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map((each: unknown) => yamlText(each)).join(', ')}]`;
  }
  return typeof value === 'string' ? scalar(value) : JSON.stringify(value);
}

/** Words that mean something else in YAML 1.1 are quoted, of which `y` and `n` are booleans to some readers. */
function scalar(text: string): string {
  const isPlain =
    /^[A-Za-z_/][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|~)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
