import type { OnnxTensor } from '../../../source/onnx-source.js';
import { numberOf } from '../attribute-number.js';
import type { Role, Roles } from './roles.js';
import type { Term } from './term.js';

/**
 * Finds the state of zeros that an exporter computed with: what a role is before the first turn is then a bias, or zeros.
 *
 * @returns the role that is zeros before the first turn, and these zeros; undefined where it was not so
 */
export function zerosBehind(
  roles: Roles,
  role: Role,
  before: Term,
): (readonly [Role, Term])[] | undefined {
  const { from } = roles.patternOf(role);
  const numbers = before.tensor?.data;
  const rows = before.tensor?.shape[0] ?? 0;
  const inputs = roles.inputsOf(role);
  const state = inputs.find(({ kind }) => kind === 'now');
  const given = inputs.flatMap((input) =>
    // Weights that a node makes of the file's have no numbers here.
    input.kind === 'same' && input.term.tensor !== null ? [input.term.tensor] : [],
  );
  const isFound =
    from !== null &&
    numbers !== undefined &&
    numbers !== null &&
    before.tensor?.shape.length === 2 &&
    state?.kind === 'now' &&
    given.length === inputs.length - 1;
  if (!isFound) {
    return undefined;
  }
  const zeros = (units: number): (readonly [Role, Term])[] => [[state.role, zeroTerm(rows, units)]];
  const [first, second] = given;
  switch (from.node.operator) {
    case 'Add':
      return isEachRow(numbers, first ?? null) ? zeros(numbers.length / rows) : undefined;
    case 'MatMul':
      return inputs[0] === state && isEachRow(numbers, null)
        ? zeros(first?.shape[0] ?? 0)
        : undefined;
    case 'Gemm': {
      const isPlain =
        numberOf(from.node, 'transA') !== 1 && (numberOf(from.node, 'beta') ?? 1) === 1;
      const axis = numberOf(from.node, 'transB') === 1 ? 1 : 0;
      return inputs[0] === state && isPlain && isEachRow(numbers, second ?? null)
        ? zeros(first?.shape[axis] ?? 0)
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Returns whether each row is a bias; null for zeros. */
function isEachRow(numbers: ArrayLike<number>, bias: OnnxTensor | null): boolean {
  const data = bias?.data;
  if (bias === null) {
    return Array.from(numbers).every((number) => number === 0);
  }
  return (
    data !== null &&
    data !== undefined &&
    data.length === bias.shape.at(-1) &&
    numbers.length % data.length === 0 &&
    Array.from(numbers).every((number, i) => number === data[i % data.length])
  );
}

function zeroTerm(rows: number, units: number): Term {
  const name = `zeros ${rows} ${units}`;
  const data = new Float32Array(rows * units);
  const tensor: OnnxTensor = { name, shape: [rows, units], type: 'float32', data };
  return { id: -1, name, from: null, output: 0, tensor, pick: null };
}

/** Returns whether two terms are one, or the same zeros. */
export function isSameStart(a: Term, b: Term): boolean {
  return (
    a === b || (isZeros(a) && isZeros(b) && a.tensor?.shape.join(' ') === b.tensor?.shape.join(' '))
  );
}

function isZeros({ tensor }: Term): boolean {
  return tensor?.data?.every((number: number) => number === 0) === true;
}
