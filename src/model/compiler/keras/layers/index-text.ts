import { isObject } from '../../../../base/json.js';
import { shortText } from '../layer-builder/short-text.js';

/**
 * An index into a tensor as Python writes it, e.g. `[:, -1, ::2]`.
 *
 * @param key as Keras keeps it: a slice is an object of the class `__slice__`
 */
export function indexText(key: unknown): string {
  const parts: readonly unknown[] = Array.isArray(key) ? key : [key];
  return `[${parts.map(partText).join(', ')}]`;
}

function partText(part: unknown): string {
  if (!isObject(part) || part['class_name'] !== '__slice__' || !isObject(part['config'])) {
    return part === null ? 'None' : isObject(part) ? '...' : shortText(part);
  }
  const { start, stop, step } = part['config'];
  const every = boundText(step);
  return `${boundText(start)}:${boundText(stop)}${every === '' ? '' : `:${every}`}`;
}

function boundText(bound: unknown): string {
  return bound === null || bound === undefined ? '' : shortText(bound);
}
