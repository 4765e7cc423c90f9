import type { Activation, ModelOutput, StreamPlan } from '../plan/stream-plan.js';
import type { Task } from '../plan/task.js';
import { hasDecoder, headActivation } from './head-activation.js';

/** The task that a head of a model seems to have. */
export interface FoundTask {
  /** Name of the head. */
  readonly head: string;
  readonly task: Task;
  /** True when nothing else that is usual looks the same; otherwise `task` is the default, and the reason says more. */
  readonly isSure: boolean;
  /** Holds what it was found by, for people to read. */
  readonly reason: string;
}

type Finding = Omit<FoundTask, 'head'>;

/** Activations after which a head's numbers are probabilities that add up to one, and each a probability of its own. */
const probabilities = new Set<Activation['kind']>(['softmax', 'logSoftmax', 'sparsemax']);
const gates = new Set<Activation['kind']>(['sigmoid', 'hardSigmoid', 'logSigmoid']);

/** Finds the task of each head of a model, in the model's order, from its shape and the activation at its end. */
export function findTasks(plan: StreamPlan): FoundTask[] {
  return plan.outputs.map((output, index) => ({
    head: output.name,
    ...withLoss(
      findTask(plan, output, headActivation(plan, index)),
      plan,
      output,
      plan.losses[index] ?? null,
    ),
  }));
}

/** Losses of classes, of which one is right; and losses of values. */
const classLoss =
  /^(sparse_)?categorical_(crossentropy|focal_crossentropy|hinge|generalized_cross_entropy)$/;
const valueLoss =
  /^(mean_(squared|absolute|absolute_percentage|squared_logarithmic)_error|huber(_loss)?|log_cosh)$/;

/** Returns what the loss that the model was trained with says of a task that was found from its form. */
function withLoss(
  found: Finding,
  { window, features }: StreamPlan,
  { shape }: ModelOutput,
  loss: string | null,
): Finding {
  const { task, isSure, reason } = found;
  if (loss === null) {
    return found;
  }
  const isInputShape = shape.length > 1 && shape[0] === window && shape[1] === features;
  if (valueLoss.test(loss)) {
    if (isInputShape && task !== 'forecast' && !(isSure && task === 'reconstruct')) {
      return sure(
        'reconstruct',
        `it gives back the shape of its window, ${shapeText(shape)}, and was trained with ${loss}`,
      );
    }
    return task === 'classify' && !reason.includes('softmax')
      ? unsure(
          task,
          `${reason}, but it was trained with ${loss}: if they are values from 0 to 1 say task: regress`,
        )
      : { ...found, reason: `${reason}; trained with ${loss}` };
  }
  if (classLoss.test(loss) || loss === 'binary_crossentropy') {
    return task === 'regress'
      ? unsure(
          task,
          `${reason}; it was trained with ${loss}, so that these are classes before their softmax or sigmoid: give the model one at its end`,
        )
      : classLoss.test(loss)
        ? sure('classify', `${reason}; trained with ${loss}`)
        : { task, isSure, reason: `${reason}; trained with ${loss}` };
  }
  return found;
}

function findTask(
  plan: StreamPlan,
  output: ModelOutput,
  activation: Activation | undefined,
): Finding {
  const kind = activation?.kind;
  if (kind !== undefined && probabilities.has(kind)) {
    return sure('classify', `it ends in ${kind}`);
  }
  return output.shape.length > 1
    ? findOfSequence(plan, output, kind)
    : findOfVector(plan, output, kind);
}

function findOfSequence(
  plan: StreamPlan,
  { shape }: ModelOutput,
  kind: Activation['kind'] | undefined,
): Finding {
  const [steps = null, width = 0] = shape;
  const { window, features } = plan;
  const form = `${shapeText(shape)} of ${shapeText([window, features])}`;
  const isInputShape = steps === window && width === features;
  const decodes = hasDecoder(plan);
  if (isInputShape && decodes) {
    return sure('reconstruct', `it gives back the shape of its window, ${form}, from a vector`);
  }
  if (kind !== undefined && gates.has(kind) && !decodes) {
    return isInputShape && features > 1
      ? unsure(
          'reconstruct',
          `${form}, ending in ${kind}: a window scaled to 0 to 1, or classes of each step (classify)`,
        )
      : sure('classify', `it ends in ${kind} at each step, ${form}`);
  }
  if (isInputShape) {
    return unsure(
      'reconstruct',
      `it gives back the shape of its window, ${form}, but no layer narrows it to a vector: it may be values of each step (regress)`,
    );
  }
  if (steps !== null && steps !== window && (decodes || width === features)) {
    return sure('forecast', `it gives ${steps} steps of ${width}, ${form}`);
  }
  return decodes
    ? unsure('forecast', `it decodes to ${form}: the same steps may be values (regress)`)
    : unsure('regress', `it gives ${width} numbers at each step, ${form}`);
}

function findOfVector(
  plan: StreamPlan,
  { size, rowSteps }: ModelOutput,
  kind: Activation['kind'] | undefined,
): Finding {
  const { window, features } = plan;
  const end = kind === undefined ? 'ends in no Dense' : `ends in ${kind}`;
  const isWindow = window !== null && window > 1 && size === window * features && size > 1;
  if (isWindow && (rowSteps ?? window) === window) {
    if (hasDecoder(plan)) {
      return sure(
        'reconstruct',
        `it gives back a window's ${window} x ${features} values in a row, from a vector`,
      );
    }
    return unsure(
      'reconstruct',
      `${size} outputs are a window's ${window} x ${features} values in a row; it may be ${size} values (regress)`,
    );
  }
  if (kind !== undefined && gates.has(kind)) {
    return sure('classify', `it ${end}, ${size} ${size === 1 ? 'unit' : 'units'}`);
  }
  if (rowSteps !== undefined && rowSteps !== window) {
    const width = size / rowSteps;
    const form = `${shapeText([rowSteps, width])} of ${shapeText([window, features])}`;
    if (width === features || hasDecoder(plan)) {
      return sure('forecast', `it gives ${rowSteps} steps of ${width} in a row, ${form}`);
    }
  }
  if (size === features && size > 1) {
    return unsure(
      'regress',
      `${size} outputs, as many as features, and it ${end}: if they are the next sample, say task: forecast`,
    );
  }
  if (kind !== 'linear') {
    return unsure('regress', `it ${end}, which is no probability`);
  }
  return size === 1
    ? sure('regress', 'it ends in one linear unit')
    : unsure(
        'regress',
        `it ends in ${size} linear units: values; if they are ${size} steps to come say task: forecast, if classes without their softmax give the model one`,
      );
}

function sure(task: Task, reason: string): Finding {
  return { task, isSure: true, reason };
}

function unsure(task: Task, reason: string): Finding {
  return { task, isSure: false, reason };
}

function shapeText(shape: readonly (number | null)[]): string {
  return `(${shape.map((size) => size ?? 'any').join(', ')})`;
}
