/**
 * lstmd as a library: a model of Keras or PyTorch, stepped sample by sample. The command line and the daemon stand
 * on the same functions.
 *
 *     const plan = await loadModel('model.keras');
 *     const { stepper } = await openStream(plan, { mode: 'continuous' });
 *     const outputs = stepper.push([0.01, -0.02, 0.98]);
 *
 * An autoencoder gives a whole window: with `{ outputs: 'whole' }` a row has all of its steps, oldest first.
 *
 *     const plan = await loadModel('autoencoder.keras', { outputs: 'whole' });
 *     const { stepper } = await openStream(plan, { mode: 'sliding' });
 */
export { ExitCode, LstmdError, type ErrorCode } from './base/errors.js';
export { loadModel } from './model/load-model.js';
export { tasks, type Task } from './model/plan/task.js';
export { findTasks, type FoundTask } from './model/task/find-task.js';
export type {
  LayerSummary,
  Mode,
  ModelOutput,
  ModeVerdict,
  OutputPart,
  StateTensor,
  StreamPlan,
} from './model/plan/stream-plan.js';
export { StepFlag, type EngineName } from './engine/program/engine.js';
export { multiplyAddsPerSample } from './engine/cost.js';
export type { WeightFormat } from './engine/program/weight-format.js';
export type { StepProgram } from './engine/program/program.js';
export type { Stepper, StepResult } from './engine/stepper.js';
export type { ManyStepper } from './engine/many-stepper.js';
export {
  openStream,
  openStreams,
  type ModelStream,
  type ModelStreams,
  type StreamOptions,
} from './stream/model-stream.js';
export { loadStateFile, saveStateFile } from './stream/state-file.js';
export { readCase, type VerifyCase } from './stream/verify-case.js';
export { verifyCase, type VerifyResult } from './stream/verification.js';
