import { Command } from 'commander';
import { stateExportCommand } from './export/command.js';
import { stateImportCommand } from './import/command.js';
import { stateResetCommand } from './reset/command.js';
import { stateShowCommand } from './show/command.js';

/** `lstmd state`: the state on flash, for those who want to see, move or forget it. */
export function stateCommand(): Command {
  return new Command('state')
    .description('Show, reset, export or import the state on flash.')
    .addCommand(stateShowCommand())
    .addCommand(stateExportCommand())
    .addCommand(stateImportCommand())
    .addCommand(stateResetCommand());
}
