import { isObject } from '../../../../base/json.js';

/**
 * The number or list that a configuration wraps: Keras 2 wrote arrays as `{ type: "ndarray", value }`
 * and tuples as `{ class_name: "__tuple__", items }` (shapes as `TensorShape`), Keras 3 writes arrays
 * and tensors as `{ class_name: "__numpy__" or "__tensor__", config: { value } }`. Any other value is returned as it is.
 */
export function plainValue(value: unknown): unknown {
  if (!isObject(value)) {
    return value;
  }
  if (value['type'] === 'ndarray') {
    return value['value'];
  }
  if (value['class_name'] === '__tuple__' || value['class_name'] === 'TensorShape') {
    return value['items'];
  }
  const isArray = value['class_name'] === '__numpy__' || value['class_name'] === '__tensor__';
  if (isArray && isObject(value['config'])) {
    return value['config']['value'];
  }
  return value;
}
