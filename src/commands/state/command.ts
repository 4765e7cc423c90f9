import { Command } from 'commander';
import type { StateOptions } from './saved-state.js';

/** `lstmd state`: look at what is on flash, or forget it. */
export function stateCommand(): Command {
  const show = withPlace(new Command('show'))
    .description('Show the saved states: samples, age, model, whether they are whole.')
    .option('--json', 'machine-readable, on stdout')
    .action(async (stream: string | undefined, options: StateOptions) => {
      const { showState } = await import('./saved-state.js');
      await showState(stream, options);
    });
  const reset = withPlace(new Command('reset'))
    .description('Forget the saved states: the next start begins afresh. The daemon must not run.')
    .action(async (stream: string | undefined, options: StateOptions) => {
      const { resetState } = await import('./saved-state.js');
      await resetState(stream, options);
    });
  const exportOne = new Command('export')
    .description('Write the newest saved state of a stream to a file.')
    .argument('<stream>')
    .argument('<file>', '.h5 (datasets states_<layer>_<index>, as h5py users keep them) or .state')
    .option('-c, --config <file>', 'configuration that names stream and model', 'lstmd.yaml')
    .action(async (stream: string, file: string, options: { config: string }) => {
      const { exportState } = await import('./state-exchange.js');
      await exportState(stream, file, options.config);
    });
  const importOne = new Command('import')
    .description(
      'Put a state from a file on flash, for the next start to resume from. The daemon must not run.',
    )
    .argument('<stream>')
    .argument('<file>', '.h5 or .state')
    .option('-c, --config <file>', 'configuration that names stream and model', 'lstmd.yaml')
    .action(async (stream: string, file: string, options: { config: string }) => {
      const { importState } = await import('./state-exchange.js');
      await importState(stream, file, options.config);
    });
  return new Command('state')
    .description('Show, reset, export or import the state on flash.')
    .addCommand(show)
    .addCommand(exportOne)
    .addCommand(importOne)
    .addCommand(reset);
}

function withPlace(command: Command): Command {
  return command
    .argument('[stream]', 'one stream (default: all)')
    .option('-c, --config <file>', 'configuration that names the state directory')
    .option(
      '--state-directory <dir>',
      'the state directory itself (default: $STATE_DIRECTORY, else ./state)',
    );
}
