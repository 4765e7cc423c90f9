import { Command } from 'commander';
import { configOption, stateDirectoryOption } from '../../terminal/options.js';
import type { StatePlaceOptions } from '../saved/state-directory.js';

/** `lstmd state reset`: forgets saved states. */
export function stateResetCommand(): Command {
  return new Command('reset')
    .argument('[stream]', 'one stream (default: all)')
    .addOption(configOption('configuration that names the state directory'))
    .addOption(stateDirectoryOption())
    .description('Forget the saved states: the next start begins afresh. The daemon must not run.')
    .action(async (stream: string | undefined, options: StatePlaceOptions) => {
      const { resetState } = await import('./action.js');
      await resetState(stream, options);
    });
}
