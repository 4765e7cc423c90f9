import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFile } from '../support/project.js';

/** The folder of the models that were trained for a task; `generator/task_models.py` makes them. */
export const tasksFolder = projectFile('test/golden/tasks');

/** The numbers of a task's model: Keras predicted the outputs, numpy made the rest of them. */
export interface TaskCase {
  readonly window: number;
  readonly rate_hz: number;
  readonly input: readonly (readonly number[])[];
  /** For each window, from the first sample on, all outputs in a row. */
  readonly outputs: readonly (readonly number[])[];
  /** An autoencoder's, by metric and part of the window: one number a window, and each feature's share. */
  readonly scores?: Readonly<Record<string, readonly number[]>>;
  readonly shares?: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** An autoencoder's usual errors. */
  readonly distribution?: object;
  /** Those of the errors without their signs, of which the distance is left squared. */
  readonly absolute_distribution?: object;
  /** A forecaster's: steps of a forecast, and by metric the error of each whose samples came. */
  readonly horizon?: number;
  readonly errors?: Readonly<Record<string, readonly number[]>>;
  /** A regressor's, in its units. */
  readonly values?: readonly (readonly number[])[];
  readonly labels?: readonly string[];
  readonly units?: readonly string[];
  readonly scale?: readonly number[];
  readonly offset?: readonly number[];
}

export function readTaskCase(name: string): TaskCase {
  return JSON.parse(readFileSync(join(tasksFolder, name, 'expected.json'), 'utf8')) as TaskCase;
}
