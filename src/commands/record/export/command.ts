import { Command } from 'commander';

/** `lstmd record export`: a recording's samples as CSV. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Write the samples of a recording as CSV: time_ms, the axes, label.')
    .argument('<file>', 'recording (.rec.gz)')
    .option('-o, --output <file>', 'CSV file (default: stdout)')
    .action(async (file: string, _options: object, command: Command) => {
      // -o is an option of the parent too, which reads it first.
      const { output } = command.optsWithGlobals<{ output?: string }>();
      const { exportRecording } = await import('./action.js');
      await exportRecording(file, output);
    });
}
