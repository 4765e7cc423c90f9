import { access, constants, readFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { layoutHash, stateHeaderSize } from '../engine/program/program.js';
import type { Stepper } from '../engine/stepper.js';
import { fileFault, LstmdError, reasonOf } from '../base/errors.js';
import { exportHdf5, importHdf5 } from '../state/hdf5-exchange.js';
import { fileToReplace, replaceFile } from '../platform/atomic-file.js';
import { machineClock } from '../platform/machine-clock.js';
import { readClock, unknownSampleMs } from '../state/saved-state.js';
import { decodeSlot, encodeSlot } from '../state/slot-codec.js';

/**
 * Loads a state that `saveStateFile`, h5py (`.h5`, only in `continuous`) or the daemon (`slot-a.state`) wrote. Which of the
 * two formats it is the name decides.
 *
 * @param stepper takes the state; where this throws it is as it was
 * @returns what was learnt from the stream, such as the order of its axes, where the file holds that; else null
 * @throws LstmdError `state.unreadable` where there is no file or it is damaged, `state.mismatch` for the state of another
 *   model, mode, window or stride, and for HDF5 in another mode than `continuous`
 */
export async function loadStateFile(path: string, stepper: Stepper): Promise<object | null> {
  const { program } = stepper;
  if (isHdf5(path)) {
    refuseLanes(path, stepper);
    const state = new Float32Array(program.stateSize);
    await importHdf5(path, program.plan.state, state.subarray(stateHeaderSize));
    // A state in HDF5 has no count of samples; it is taken for one that has seen enough to be warm.
    state[0] = program.warmupSamples;
    stepper.restore(state, program.warmupSamples);
    return null;
  }
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new LstmdError('state.unreadable', fileFault(path, cause), { cause });
  }
  const content = decodeSlot(bytes);
  if (content.kind !== 'ok') {
    const why = content.kind === 'empty' ? 'nothing was ever saved in it' : content.reason;
    throw new LstmdError('state.unreadable', `${path} is no .state file, or is damaged: ${why}`);
  }
  const { saved } = content;
  if (saved.modelSha256 !== program.plan.sha256) {
    throw new LstmdError(
      'state.mismatch',
      `${path} is of another model (sha256 ${saved.modelSha256.slice(0, 12)}, not ${program.plan.sha256.slice(0, 12)})`,
    );
  }
  const isWhole = saved.state.length === program.stateSize;
  if (saved.layoutHash !== layoutHash(program) || !isWhole) {
    throw new LstmdError(
      'state.mismatch',
      `${path} is of another mode, window or stride, or of other inputs or constants`,
    );
  }
  stepper.restore(saved.state, saved.sampleCount);
  return saved.learnt;
}

/**
 * Finds out before anything is computed whether the state can be saved there afterwards.
 *
 * @throws LstmdError `usage.invalid` for the name of another format, `state.mismatch` for a mode that the format cannot
 *   hold, `output.write` where no file can be made
 */
export async function checkStateFile(path: string, stepper: Stepper): Promise<void> {
  refuseOtherFormats(path);
  if (isHdf5(path)) {
    refuseLanes(path, stepper);
  }
  try {
    // The slash has the system look for a folder.
    await access(`${dirname(path)}/`, constants.W_OK);
    await fileToReplace(path);
  } catch (cause) {
    throw new LstmdError('output.write', `${path} cannot be made: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Saves the state: `.h5` or `.hdf5` as HDF5 datasets for h5py, `.state` or a name without an ending as the daemon does
 * (docs/formats/state-slot.md). The file takes the place of one that is there only when it is whole.
 *
 * @param learnt what was learnt from the stream, which HDF5 cannot hold
 * @throws LstmdError `usage.invalid` for the name of another format, `state.mismatch` for HDF5 in another mode than
 *   `continuous`, `output.write` where the file cannot be written
 */
export async function saveStateFile(
  path: string,
  stepper: Stepper,
  learnt: object | null = null,
): Promise<void> {
  const { program, state, sampleCount } = stepper;
  refuseOtherFormats(path);
  if (isHdf5(path)) {
    refuseLanes(path, stepper);
    await exportHdf5(path, program.plan.state, state.subarray(stateHeaderSize));
    return;
  }
  // A file belongs to no stream: it is imported into the one that its user names.
  const slot = encodeSlot({
    stream: '',
    modelSha256: program.plan.sha256,
    layoutHash: layoutHash(program),
    sequence: 1,
    sampleCount,
    lastSampleMs: unknownSampleMs,
    savedAt: readClock(machineClock()),
    learnt,
    state,
  });
  try {
    await replaceFile(await fileToReplace(path), slot);
  } catch (cause) {
    throw new LstmdError('output.write', fileFault(path, cause), { cause });
  }
}

function isHdf5(path: string): boolean {
  return /\.(h5|hdf5)$/i.test(path);
}

/** A name with another ending is that of another file most often, such as the model itself. */
function refuseOtherFormats(path: string): void {
  const ending = extname(path);
  if (!isHdf5(path) && ending !== '' && ending.toLowerCase() !== '.state') {
    throw new LstmdError(
      'usage.invalid',
      `${path}: a state is written as the daemon saves it (.state) or in HDF5 for h5py (.h5, .hdf5), and not as ${ending}`,
    );
  }
}

function refuseLanes(path: string, { program }: Stepper): void {
  if (program.mode === 'continuous') {
    return;
  }
  throw new LstmdError(
    'state.mismatch',
    `${path}: HDF5 holds the h and c of one stream, so only mode continuous can use it, not ${program.mode}: name a .state file`,
  );
}
