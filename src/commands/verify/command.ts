import { Command, Option } from 'commander';
import { engineNames } from '../../engine/program/engine.js';
import { constantOption, feedOption, modelAxesOption } from '../terminal/input-flags.js';
import { jsonOption, modeOption, weightsOption, windowOption } from '../terminal/options.js';
import type { VerifyOptions } from './action.js';

/** `lstmd verify`: whether this machine reproduces the outputs that Keras gave. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('Compare every mode and engine on this machine with outputs that Keras gave.')
    .argument('<model>', 'model file')
    .argument('<case>', 'case.json: input, and outputs for each mode')
    .addOption(modeOption())
    .addOption(windowOption())
    .addOption(feedOption())
    .addOption(constantOption())
    .addOption(modelAxesOption())
    .addOption(
      new Option('--engine <engine>', 'one engine (default: native and reference)').choices(
        engineNames,
      ),
    )
    .addOption(weightsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExits with 1 when an output is off by more than the tolerance. What rounded weights cost is measured beside and' +
        '\ndoes not count. The README shows the Python that writes a case.',
    )
    .action(async (model: string, caseFile: string, options: VerifyOptions) => {
      const { verify } = await import('./action.js');
      await verify(model, caseFile, options);
    });
}
