import { Command } from 'commander';
import { configOption } from '../../terminal/options.js';

/** `lstmd state import`: a state from a file to flash. */
export function stateImportCommand(): Command {
  return new Command('import')
    .description(
      'Put a state from a file on flash, for the next start to resume from. The daemon must not run.',
    )
    .argument('<stream>')
    .argument('<file>', '.h5 or .state')
    .addOption(configOption('configuration that names stream and model').default('lstmd.yaml'))
    .action(async (stream: string, file: string, options: { readonly config: string }) => {
      const { importState } = await import('./action.js');
      await importState(stream, file, options.config);
    });
}
