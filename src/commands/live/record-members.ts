import { isObject, type JsonObject } from '../../base/json.js';

/** A number of a prediction that is shown. */
export interface ShownNumber {
  readonly name: string;
  readonly value: number;
  readonly isProbability: boolean;
}

/** The numbers that a prediction's JSON says, whatever its task; those of several heads have the head before them. */
export function numbersOf(prediction: JsonObject): ShownNumber[] {
  const { heads } = prediction;
  return isObject(heads)
    ? Object.entries(heads).flatMap(([head, members]) =>
        isObject(members)
          ? numbersOfHead(members).map(({ name, value, isProbability }) => ({
              name: `${head} ${name}`,
              value,
              isProbability,
            }))
          : [],
      )
    : numbersOfHead(prediction);
}

function numbersOfHead({ p, value, score, share, error, forecast }: JsonObject): ShownNumber[] {
  const next = isObject(forecast) && isObject(forecast['value']) ? forecast['value'] : {};
  return [
    ...named(p, '', true),
    ...named(value, '', false),
    ...named({ score }, '', false),
    ...named(share, 'share ', true),
    ...Object.entries(next).flatMap(([name, steps]) =>
      named(Array.isArray(steps) ? { [name]: steps[0] as unknown } : {}, 'next ', false),
    ),
    ...named({ 'forecast error': error }, '', false),
  ];
}

function named(members: unknown, before: string, isProbability: boolean): ShownNumber[] {
  return Object.entries(isObject(members) ? members : {}).flatMap(([name, value]) =>
    typeof value === 'number' ? [{ name: `${before}${name}`, value, isProbability }] : [],
  );
}
