import { Command } from 'commander';
import { configOption, jsonOption, stateDirectoryOption } from '../../terminal/options.js';
import type { StateShowOptions } from './action.js';

/** `lstmd state show`: the saved states and whether they are whole. */
export function stateShowCommand(): Command {
  return new Command('show')
    .argument('[stream]', 'one stream (default: all)')
    .addOption(configOption('configuration that names the state directory'))
    .addOption(stateDirectoryOption())
    .description('Show the saved states: samples, age, model, whether they are whole.')
    .addOption(jsonOption())
    .action(async (stream: string | undefined, options: StateShowOptions) => {
      const { showState } = await import('./action.js');
      await showState(stream, options);
    });
}
