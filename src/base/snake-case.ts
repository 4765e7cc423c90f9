/**
 * A class name as Keras names variables after it: `LayerNormalization` becomes `layer_normalization`
 * (keras/src/utils/naming.py).
 */
export function snakeCase(className: string): string {
  return className
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
