import type { HeadMembers, Prediction } from '../../client/messages.js';

/** A number that a prediction says, with its name. */
export interface Spoken {
  readonly name: string;
  readonly value: number;
  /** It is from 0 to 1. */
  readonly isProbability: boolean;
}

/** The most telling number of a prediction: its likeliest label, its first value, its score or its error. */
export function spokenOf({ heads, ...record }: Prediction): Spoken | undefined {
  const [first] = Object.values(heads ?? {});
  return first === undefined ? ofHead(record) : ofHead(first);
}

function ofHead({ p, value, score, error, forecast }: HeadMembers): Spoken | undefined {
  const likeliest = Object.entries(p ?? {}).sort(([, a], [, b]) => b - a)[0];
  if (likeliest !== undefined) {
    return { name: likeliest[0], value: likeliest[1], isProbability: true };
  }
  const [firstValue] = Object.entries(value ?? {});
  if (firstValue !== undefined) {
    return { name: firstValue[0], value: firstValue[1], isProbability: false };
  }
  const measured = score ?? error;
  if (measured !== undefined) {
    return { name: score === undefined ? 'error' : 'score', value: measured, isProbability: false };
  }
  const [firstForecast] = Object.entries(forecast?.value ?? {});
  const next = firstForecast?.[1][0];
  return firstForecast === undefined || next === undefined
    ? undefined
    : { name: firstForecast[0], value: next, isProbability: false };
}
