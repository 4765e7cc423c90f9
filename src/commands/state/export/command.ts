import { Command } from 'commander';
import { configOption } from '../../terminal/options.js';

/** `lstmd state export`: a saved state to a file. */
export function stateExportCommand(): Command {
  return new Command('export')
    .description('Write the newest saved state of a stream to a file.')
    .argument('<stream>')
    .argument('<file>', '.h5 (datasets states_<layer>_<index>, as h5py users keep them) or .state')
    .addOption(configOption('configuration that names stream and model').default('lstmd.yaml'))
    .action(async (stream: string, file: string, options: { readonly config: string }) => {
      const { exportState } = await import('./action.js');
      await exportState(stream, file, options.config);
    });
}
