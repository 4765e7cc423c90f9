import type { ModelOutput, StreamPlan } from '#src/model/plan/stream-plan.js';
import type { WindowPlan } from '#src/model/plan/window-plan.js';
import { inputsOf } from '#src/model/plan/step-op.js';
import { PlanDraft } from './plan-draft.js';
import { addMask, addRandomOperation } from './random-op.js';

export interface RandomPlan {
  /** Without `windowPlan`. */
  readonly plan: StreamPlan & { readonly window: number };
  /** The same operations over whole windows; null where a window plan cannot express them. */
  readonly windowPlan: WindowPlan | null;
  /** Makes samples, row-major, some of which the mask leaves out. */
  readonly input: (samples: number) => Float32Array;
}

const maskValue = -0.1;

/** A plan of operations of any kind. It is contractive, so that differences between engines do not grow. */
export function randomPlan(seed: number): RandomPlan {
  const draft = new PlanDraft(seed);
  const { draw, window } = draft;
  const [sample] = draft.operands;
  if (sample === undefined) {
    throw new RangeError('a draft begins with its input');
  }
  if (draw.chance(0.4)) {
    addMask(draft, sample, maskValue);
  }
  for (let n = draw.whole(2, 9); n > 0; n -= 1) {
    addRandomOperation(draft);
  }
  const outputs = chooseOutputs(draft);
  const exact = { exact: true } as const;
  const plan = {
    name: 'random',
    origin: 'the tests',
    sha256: '0'.repeat(64),
    features: sample.size,
    window,
    layers: [],
    ops: draft.ops,
    valueSizes: draft.values.map(({ size }) => size),
    outputs,
    state: draft.state,
    laneStateSize: draft.stateSize,
    windowPlan: null,
    inputs: [],
    indexFeatures: [],
    losses: [],
    isStateful: false,
    constants: {},
    halfPrecision: null,
    modes: { continuous: exact, sequence: exact, sliding: exact },
  };
  const input = (samples: number): Float32Array => {
    const values = draw.floats(samples * sample.size, 1);
    for (let n = 0; n < samples; n += 1) {
      if (draw.chance(0.3)) {
        values.fill(maskValue, n * sample.size, (n + 1) * sample.size);
      }
    }
    return values;
  };
  return { plan, windowPlan: windowPlanOf(draft, outputs), input };
}

/** The newest value, the values at the end of a masked branch, and now and then others. */
function chooseOutputs(draft: PlanDraft): ModelOutput[] {
  const { draw, operands } = draft;
  const read = readValues(draft);
  const unread = operands.filter(({ id, ages }) => ages === null && !read.has(id));
  const chosen = new Set([...operands.slice(-1), ...unread]);
  while (draw.chance(0.4)) {
    chosen.add(draw.one(operands));
  }
  return [...chosen].map(({ id, size, ages }) => {
    const isHeld = ages?.length !== draft.window;
    return {
      name: `output_${id}`,
      value: id,
      size,
      shape: [size],
      heldOffset: isHeld ? draft.tensor('held', size) : null,
      holdsOffset: isHeld ? draft.tensor('held', 1) : null,
    };
  });
}

function windowPlanOf(draft: PlanDraft, outputs: readonly ModelOutput[]): WindowPlan | null {
  if (draft.isMixed || draft.values.some(({ ages }) => ages?.length === 0)) {
    return null;
  }
  const read = readValues(draft);
  return {
    // A value that nothing reads may keep its last step alone, as with return_sequences=False.
    values: draft.values.map((value) => {
      const { id, size, ages } = value;
      const keepsLast = !read.has(id) && !draft.masks.includes(value) && draft.draw.chance(0.5);
      return { steps: ages === null || keepsLast ? 1 : ages.length, size };
    }),
    ops: draft.ops.map((op) => ({ kind: 'scan', op, reverse: false })),
    outputs: outputs.map(({ value }) => value),
    scratchSize: draft.stateSize,
  };
}

function readValues({ ops }: PlanDraft): ReadonlySet<number> {
  return new Set(ops.flatMap((op) => inputsOf(op)));
}
