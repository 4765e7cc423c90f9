import { randomActivation, randomGate, randomJump } from './random-activation.js';
import { haveSameAges, type DraftValue, type PlanDraft } from './plan-draft.js';

type AddOperation = (draft: PlanDraft, input: DraftValue) => void;

const names = ({ layer }: PlanDraft, input: DraftValue, output: DraftValue) => ({
  layer,
  input: input.id,
  output: output.id,
});

const dense: AddOperation = (draft, input) => {
  const units = draft.size();
  draft.ops.push({
    kind: 'dense',
    ...names(draft, input, draft.value(units, input.ages)),
    kernel: draft.weights(input.size * units, input.size),
    bias: draft.bias(units),
    activation: randomActivation(draft.draw),
  });
};

const activation: AddOperation = (draft, input) => {
  const jumps = input.id === 0 && draft.draw.chance(0.5);
  draft.ops.push({
    kind: 'activation',
    ...names(draft, input, draft.value(input.size, input.ages)),
    activation: jumps ? randomJump(draft.draw) : randomActivation(draft.draw),
  });
};

const affine: AddOperation = (draft, input) => {
  draft.ops.push({
    kind: 'affine',
    ...names(draft, input, draft.value(input.size, input.ages)),
    scale: draft.draw.floats(input.size, 1.1),
    shift: draft.draw.floats(input.size, 0.5),
  });
};

const layerNorm: AddOperation = (draft, input) => {
  const { draw } = draft;
  draft.ops.push({
    kind: 'layerNorm',
    ...names(draft, input, draft.value(input.size, input.ages)),
    gamma: draw.chance(0.7) ? draw.floats(input.size, 0.6) : null,
    beta: draw.chance(0.7) ? draw.floats(input.size, 0.5) : null,
    epsilon: 0.01,
  });
};

/** Values to combine with the input; now and then of other ages, so that an operation waits for all of its inputs. */
function partners({ draw, operands }: PlanDraft, input: DraftValue): readonly DraftValue[] {
  const mixed = draw.chance(0.15);
  return operands.filter((value) =>
    mixed && input.ages !== null
      ? value.ages !== null
      : value === input || haveSameAges(value, input),
  );
}

function joinedAges(draft: PlanDraft, joined: readonly DraftValue[]): readonly number[] | null {
  const [first] = joined;
  if (first === undefined || first.ages === null) {
    return null;
  }
  if (joined.some((value) => !haveSameAges(value, first))) {
    draft.isMixed = true;
  }
  return first.ages.filter((age) => joined.every(({ ages }) => ages?.includes(age)));
}

const merge: AddOperation = (draft, input) => {
  const { draw } = draft;
  const fit = partners(draft, input).filter(({ size }) => size === input.size);
  const all = ['add', 'multiply', 'average', 'maximum', 'minimum', 'subtract'] as const;
  const operation = draw.one(all);
  const others = operation === 'subtract' ? 1 : draw.whole(1, 2);
  const joined = [input, ...Array.from({ length: others }, () => draw.one(fit))];
  draft.ops.push({
    kind: 'merge',
    operation,
    inputs: joined.map(({ id }) => id),
    ...names(draft, input, draft.value(input.size, joinedAges(draft, joined))),
  });
};

const concatenate: AddOperation = (draft, input) => {
  const others = Array.from({ length: draft.draw.whole(1, 2) }, () =>
    draft.draw.one(partners(draft, input)),
  );
  const joined = [input, ...others];
  const size = joined.reduce((sum, value) => sum + value.size, 0);
  draft.ops.push({
    kind: 'concatenate',
    inputs: joined.map(({ id }) => id),
    ...names(draft, input, draft.value(size, joinedAges(draft, joined))),
  });
};

/** Floats of the input in any order, some of them more than once, and zeros between them. */
const gather: AddOperation = (draft, input) => {
  const size = draft.size();
  draft.ops.push({
    kind: 'gather',
    ...names(draft, input, draft.value(size, input.ages)),
    indices: Int32Array.from({ length: size }, () => draft.draw.whole(-1, input.size - 1)),
  });
};

const reduce: AddOperation = (draft, input) => {
  const size = draft.draw.one(divisors(input.size));
  draft.ops.push({
    kind: 'reduce',
    ...names(draft, input, draft.value(size, input.ages)),
    operation: draft.draw.one(['sum', 'mean', 'maximum', 'minimum'] as const),
  });
};

/** Products of short rows and columns, so that they stay near 1. */
const matMul: AddOperation = (draft, input) => {
  const { draw } = draft;
  const right = draw.one(partners(draft, input));
  const count = draw.one(divisors(input.size).filter((n) => n <= 3 && right.size % n === 0));
  const [left, other] = [input.size / count, right.size / count];
  const inner = draw.one(divisors(left).filter((n) => n <= 3 && other % n === 0));
  const [rows, columns] = [left / inner, other / inner];
  if (count * rows * columns > 24) {
    return;
  }
  const output = draft.value(count * rows * columns, joinedAges(draft, [input, right]));
  draft.ops.push({
    kind: 'matMul',
    ...names(draft, input, output),
    right: right.id,
    count,
    rows,
    inner,
    columns,
  });
};

function divisors(size: number): number[] {
  return Array.from({ length: size }, (_, n) => n + 1).filter((n) => size % n === 0);
}

const timeDense: AddOperation = (draft, input) => {
  const units = draft.size();
  const rows = (input.ages?.length ?? 1) * input.size;
  const [accOffset, positionOffset] = [
    draft.tensor('accumulator', units),
    draft.tensor('counter', 1),
  ];
  draft.ops.push({
    kind: 'timeDense',
    ...names(draft, input, draft.value(units, input.ages)),
    kernel: draft.weights(rows * units, rows),
    bias: draft.bias(units),
    activation: randomActivation(draft.draw),
    accOffset,
    positionOffset,
  });
};

const prelu: AddOperation = (draft, input) => {
  const steps = draft.draw.chance(0.5) ? 1 : (input.ages?.length ?? 1);
  const positionOffset = steps === 1 ? null : draft.tensor('counter', 1);
  draft.ops.push({
    kind: 'prelu',
    ...names(draft, input, draft.value(input.size, input.ages)),
    alpha: draft.draw.floats(steps * input.size, 0.5),
    steps,
    positionOffset,
  });
};

const globalPool: AddOperation = (draft, input) => {
  const { draw } = draft;
  const mask = draft.maskFor(input);
  const accOffset = draft.tensor('accumulator', input.size);
  const countOffset = draft.tensor('counter', 1);
  draft.ops.push({
    kind: 'globalPool',
    ...names(draft, input, draft.value(input.size, mask === null ? input.ages : null)),
    operation: draw.one(['maximum', 'average'] as const),
    accOffset,
    countOffset,
    mask,
  });
};

const skip: AddOperation = (draft, input) => {
  const ages = input.ages ?? [];
  const count = draft.draw.whole(0, ages.length - 1);
  const countOffset = draft.tensor('counter', 1);
  draft.ops.push({
    kind: 'skip',
    ...names(draft, input, draft.value(input.size, ages.slice(count))),
    count,
    countOffset,
  });
};

/** Now and then the state at an offset begins with numbers; a window of single operations cannot express it. */
function begun(draft: PlanDraft, input: DraftValue, statesOffset: number, units: number) {
  if (!draft.draw.chance(0.15)) {
    return input;
  }
  draft.isMixed = true;
  const output = draft.value(input.size, input.ages);
  const begunOffset = draft.tensor('counter', 1);
  const states = draft.draw.floats(units, 0.8);
  draft.ops.push({
    kind: 'begin',
    ...names(draft, input, output),
    states,
    statesOffset,
    begunOffset,
  });
  return output;
}

/** The fields that all recurrent operations have. */
function cell(draft: PlanDraft, given: DraftValue, gates: number) {
  const units = draft.size();
  const mask = draft.maskFor(given);
  const hOffset = draft.tensor('h', units);
  const input = begun(draft, given, hOffset, units);
  return {
    ...names(draft, input, draft.value(units, input.ages)),
    ...(draft.draw.chance(0.2) ? { clip: 0.7 } : {}),
    units,
    mask,
    hOffset,
    kernel: draft.weights(input.size * gates * units, input.size),
    recurrentKernel: draft.draw.floats(units * gates * units, 0.6 / units),
    bias: draft.bias(gates * units),
    activation: randomActivation(draft.draw),
  };
}

const lstm: AddOperation = (draft, input) => {
  const shared = cell(draft, input, 4);
  const cOffset = draft.tensor('c', shared.units);
  const recurrentActivation = randomGate(draft.draw, shared.units);
  const { draw } = draft;
  draft.ops.push({
    kind: 'lstm',
    ...shared,
    recurrentActivation,
    cOffset,
    ...(draw.chance(0.2) ? { peepholes: draw.floats(3 * shared.units, 0.3) } : {}),
    ...(draw.chance(0.2) ? { stateActivation: randomActivation(draw) } : {}),
    ...(draw.chance(0.2) ? { isCoupled: true } : {}),
  });
  if (draw.chance(0.2)) {
    draft.isMixed = true;
    const [h, c] = [draft.values.at(-1) ?? input, draft.value(shared.units, input.ages)];
    draft.ops.push({ kind: 'recall', ...names(draft, h, c), stateOffset: cOffset });
  }
};

const gru: AddOperation = (draft, input) => {
  const shared = cell(draft, input, 3);
  const resetAfter = draft.draw.chance(0.5);
  const recurrentBias = resetAfter ? draft.bias(3 * shared.units) : null;
  const recurrentActivation = randomGate(draft.draw, shared.units);
  draft.ops.push({ kind: 'gru', ...shared, recurrentBias, resetAfter, recurrentActivation });
};

const simpleRnn: AddOperation = (draft, input) => {
  draft.ops.push({ kind: 'simpleRnn', ...cell(draft, input, 1) });
  if (draft.draw.chance(0.2)) {
    const h = draft.values.at(-1) ?? input;
    const kept = draft.value(h.size, h.ages);
    draft.ops.push({
      kind: 'keep',
      ...names(draft, h, kept),
      stateOffset: draft.tensor('held', h.size),
    });
  }
};

/** The fields that convolution and pooling share, and the ages of their output. */
function span(draft: PlanDraft, input: DraftValue, dilation: number) {
  const { draw } = draft;
  const inputAges = input.ages ?? [];
  const size = draw.whole(1, Math.min(5, 1 + Math.floor((inputAges.length - 1) / dilation)));
  const past = dilation * (size - 1);
  const padBefore = draw.one([0, past, draw.whole(0, past)]);
  const stride = draw.one([1, 1, 2, 3]);
  const first = past - padBefore;
  const ages = inputAges.filter((_, n) => n >= first && (n - first) % stride === 0);
  const historyOffset = draft.tensor('history', past * input.size);
  const countOffset = draft.tensor('counter', 1);
  return { ages, shape: { size, stride, dilation, padBefore, historyOffset, countOffset } };
}

const conv: AddOperation = (draft, input) => {
  const { draw } = draft;
  const { ages, shape } = span(draft, input, draw.whole(1, 3));
  const groups = draw.one([1, input.size, ...[2, 3].filter((n) => input.size % n === 0)]);
  const filters = groups * draw.whole(1, Math.max(1, Math.floor(8 / groups)));
  const taps = (shape.size * input.size) / groups;
  draft.ops.push({
    kind: 'conv',
    ...names(draft, input, draft.value(filters, ages)),
    ...shape,
    kernel: draft.weights(taps * filters, taps),
    bias: draft.bias(filters),
    groups,
    activation: randomActivation(draw),
  });
};

const pool: AddOperation = (draft, input) => {
  const { ages, shape } = span(draft, input, draft.draw.whole(1, 3));
  const seenOffset = shape.padBefore > 0 ? draft.tensor('counter', 1) : null;
  draft.ops.push({
    kind: 'pool',
    ...names(draft, input, draft.value(input.size, ages)),
    ...shape,
    operation: draft.draw.one(['maximum', 'average'] as const),
    seenOffset,
  });
};

const arranged = [gather, reduce, matMul];
const pointwise = [dense, activation, affine, layerNorm, merge, concatenate, ...arranged];
const overTime = [timeDense, prelu, globalPool, skip, lstm, gru, simpleRnn, conv, pool];

/** Adds an operation of any kind that one of the newest values can be the input of. */
export function addRandomOperation(draft: PlanDraft): void {
  const { draw } = draft;
  const input = draw.one(draft.operands.slice(-4));
  const hasSteps = input.ages !== null && input.ages.length > 0;
  draw.one(hasSteps ? [...pointwise, ...overTime, ...overTime] : pointwise)(draft, input);
}

/** Adds a masking of the input. */
export function addMask(draft: PlanDraft, input: DraftValue, maskValue: number): void {
  const output = draft.value(input.size, input.ages);
  const mask = draft.value(1, input.ages);
  draft.masks.push(mask);
  draft.ops.push({ kind: 'mask', ...names(draft, input, output), maskValue, mask: mask.id });
}
