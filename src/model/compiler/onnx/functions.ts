import type { OnnxAttribute, OnnxFunction, OnnxNode } from '../../source/onnx-source.js';

/** The functions of a file by domain and name. */
export function functionsByName(functions: readonly OnnxFunction[]): Map<string, OnnxFunction> {
  return new Map(functions.map((one) => [`${one.domain}:${one.name}`, one]));
}

/** Attributes with those of the function's call in the place of references to them. */
export function attributesWithin(
  attributes: OnnxNode['attributes'],
  call: OnnxNode['attributes'],
): OnnxNode['attributes'] {
  const known = new Map<string, OnnxAttribute>();
  for (const [key, attribute] of attributes) {
    const value = attribute.kind === 'reference' ? call.get(attribute.value) : attribute;
    if (value !== undefined) {
      known.set(key, value);
    }
  }
  return known;
}
