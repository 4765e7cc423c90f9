import { LstmdError } from '../base/errors.js';
import type { InputAxis, InputOptions } from '../model/plan/input-options.js';
import { featureIndices } from './input-options.js';

/** The options of a command line that feed a model's inputs: `--feed`, `--constant` and `--model-axes`. */
interface GivenInputs {
  readonly feed?: Readonly<Record<string, readonly string[]>>;
  readonly constant?: Readonly<Record<string, readonly number[]>>;
  readonly modelAxes?: readonly InputAxis[];
}

/**
 * Reads what the flags say of a model's inputs.
 *
 * @param axes names of the features; undefined where they are counted
 * @throws LstmdError `usage.invalid` for an axis that is none
 */
export function inputOptionsOf(
  { feed, constant, modelAxes }: GivenInputs,
  axes: readonly string[] | undefined,
): InputOptions {
  if (feed === undefined) {
    return { constants: constant, inputAxes: modelAxes };
  }
  const fed = Object.values(feed).flat();
  const highest = Math.max(...fed.map(Number));
  // One more than are fed is enough to name one that is left out, however high a number is.
  const count = Number.isSafeInteger(highest) ? Math.min(highest, fed.length + 1) : 0;
  const names = axes ?? Array.from({ length: count }, (_, i) => String(i + 1));
  try {
    return { inputs: featureIndices(feed, names), constants: constant, inputAxes: modelAxes };
  } catch (cause) {
    if (!(cause instanceof LstmdError)) {
      throw cause;
    }
    const message = cause.message
      .replace('model.inputs', '--feed')
      .replace('sensor.axes', '--axes');
    throw new LstmdError('usage.invalid', message, { cause });
  }
}

/** The flag of each option of a model's inputs. */
const flags = [
  { option: 'inputs', name: 'feed', flag: '--feed' },
  { option: 'constants', name: 'constant', flag: '--constant' },
  { option: 'axes', name: 'modelAxes', flag: '--model-axes' },
] as const;

/**
 * Reads a model, and has the fault of an option of its inputs name the flag that gave it.
 *
 * @param path of the model, which begins the message
 * @throws what `read` throws
 */
export async function orFaultOfFlag<T>(
  path: string,
  given: GivenInputs,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const [fault] = error instanceof LstmdError ? error.faults : [];
    const found = flags.find(({ option, name }) => option === fault?.at[0] && given[name]);
    if (!(error instanceof LstmdError) || fault === undefined || found === undefined) {
      throw error;
    }
    // A cause that calls it by the option's name would say it once more.
    throw new LstmdError(error.code, `${path}: ${found.flag}: ${fault.message}`);
  }
}
