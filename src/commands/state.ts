import { Command } from 'commander';

export interface StateOptions {
  readonly config?: string;
  readonly stateDirectory?: string;
  readonly json?: boolean;
}

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
  return new Command('state')
    .description('Show or reset the state on flash.')
    .addCommand(show)
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
