import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InputAxis } from '#src/model/plan/input-options.js';
import type { Mode } from '#src/model/plan/stream-plan.js';
import { projectFile } from '../support/project.js';

/** One output of the model; null where it gives nothing new at that sample. */
export type OutputRow = readonly number[] | null;

/** A model file of a case; README.md beside this file says what each key of `case.json` means. */
interface CaseFile {
  readonly name: string;
  /** The absolute path of the folder that holds the files. */
  readonly folder: string;
  readonly file: string;
}

/** A model file that is refused as it is loaded. */
export interface RefusedCase extends CaseFile {
  readonly expect: 'refuse';
  readonly refuse_because: string;
  /** Code of the error; `model.refused` where it is absent. */
  readonly refuse_code?: string;
}

/** A model file beside the numbers that Keras gives for it. */
export interface ComputedCase extends CaseFile {
  readonly expect: 'ok';
  readonly features: number;
  readonly window: number | null;
  /** The features of each of several inputs, and the numbers of those without a time axis. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  readonly constants?: Readonly<Record<string, readonly number[]>>;
  /** The axes of the input, where nothing in the file tells them. */
  readonly axes?: readonly InputAxis[];
  /** Steps that the file says where they are not those of the case: null for any number, 1 for one at a call. */
  readonly window_in_file?: number | null;
  readonly parameters?: number;
  readonly streamable: Readonly<Record<Mode, boolean | null>>;
  readonly mode_refuse_because?: Readonly<Partial<Record<Mode, string>>>;
  readonly output_sizes: readonly number[];
  readonly input: readonly (readonly number[])[];
  readonly continuous?: {
    readonly outputs: readonly OutputRow[];
    /** h and, where the layer has one, c. */
    readonly states?: Readonly<Record<string, readonly (readonly number[])[]>>;
  };
  readonly sequence?: { readonly outputs: readonly OutputRow[] };
  readonly sliding?: { readonly stride: number; readonly outputs: readonly OutputRow[] };
  readonly tolerance: number;
  readonly state_tolerance?: number;
  readonly state_file?: StateFile;
}

/** An HDF5 file of h and c, as users of Keras write it, and how the model goes on from there. */
interface StateFile {
  readonly file: string;
  readonly states: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly inputs_after: readonly (readonly number[])[];
  readonly outputs_after_restore: readonly (readonly number[])[];
}

/** A model that was drawn, which may be refused; rows are null where Keras' numbers are not known. */
export interface DrawnCase extends CaseFile {
  readonly expect: 'drawn';
  readonly window: number;
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  readonly constants?: Readonly<Record<string, readonly number[]>>;
  readonly input: readonly (readonly number[])[];
  readonly continuous: { readonly outputs: readonly OutputRow[] };
  readonly sequence: { readonly outputs: readonly OutputRow[] };
  readonly sliding: { readonly outputs: readonly OutputRow[] };
  readonly tolerance: number;
}

export type GoldenCase = RefusedCase | ComputedCase | DrawnCase;

/** The folder that holds one folder for each case; `LSTMD_GOLDEN_CASES` names another, of models that were drawn. */
export const casesFolder = process.env['LSTMD_GOLDEN_CASES'] ?? projectFile('test/golden/cases');

/** @returns the names of all cases in `casesFolder`, in order */
export function caseNames(): string[] {
  return readdirSync(casesFolder).sort();
}

/** @param folder of a `case.json` and the model file that it names */
export function readGoldenCase(name: string, folder = join(casesFolder, name)): GoldenCase {
  const contents = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as GoldenCase;
  return { ...contents, name, folder };
}

/** The same for a case that is known not to be refused. */
export function readComputedCase(name: string, folder?: string): ComputedCase {
  const golden = readGoldenCase(name, folder);
  assert.ok(golden.expect === 'ok');
  return golden;
}
