import { Option } from 'commander';
import { positiveInteger, secondsOption } from './options.js';

/**
 * `--seconds`, `--samples` and `--record`: the end of what runs at a terminal, and a recording of it.
 *
 * @param before what their descriptions begin with
 */
export function trialOptions(before = ''): Option[] {
  return [
    secondsOption(`${before}end after so long`),
    new Option('--samples <n>', `${before}end after so many samples`).argParser(positiveInteger),
    new Option('--record <file>', `${before}also record the sensor, for "lstmd replay"`),
  ];
}
