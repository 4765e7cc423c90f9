import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../base/errors.js';
import { absence, isTensorFlowInstalled } from './load-tensorflow.js';

/** Says whether the TensorFlow.js that is installed works here. */
export type TensorFlowProbe =
  | { readonly runs: true; readonly target: string }
  /** `broken` where one is installed. */
  | { readonly runs: false; readonly reason: string; readonly broken: boolean };

let probing: Promise<TensorFlowProbe> | undefined;

/**
 * Looks whether TensorFlow.js works, once in a process: in a process of its own, whose memory is given back, since
 * TensorFlow has more of it than many a model. Where none is installed no process is started. Never rejects.
 */
export function probeTensorFlow(): Promise<TensorFlowProbe> {
  probing ??= isTensorFlowInstalled()
    ? ask()
    : Promise.resolve({ runs: false, reason: absence, broken: false });
  return probing;
}

async function ask(): Promise<TensorFlowProbe> {
  const program = fileURLToPath(new URL('tfjs-probe.js', import.meta.url));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    const [verdict, text = ''] = stdout.trimEnd().split('\n').slice(-2);
    return verdict === 'runs'
      ? { runs: true, target: text }
      : { runs: false, reason: text, broken: true };
  } catch (error) {
    return {
      runs: false,
      reason: `TensorFlow.js ended the process that tried it: ${messageOf(error)}`,
      broken: true,
    };
  }
}
