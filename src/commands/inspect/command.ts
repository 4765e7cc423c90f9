import { Command } from 'commander';
import { windowOption } from '../terminal/options.js';

/** `lstmd inspect`: what a model holds, which modes are exact and what each costs. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'Show layers, weights, state, and which modes are exact at what cost; or why the model is refused.',
    )
    .argument('<model>', 'model file: .keras or .h5')
    .addOption(windowOption())
    .option('--json', 'machine-readable, on stdout')
    .addHelpText('after', '\nExample:\n  lstmd inspect examples/running/running.keras')
    .action(async (model: string, options: { window?: number; json?: boolean }) => {
      const { loadModel } = await import('../../model/load-model.js');
      const { describePlan, planText } = await import('./plan-description.js');
      const plan = await loadModel(model, options);
      const description = await describePlan(plan);
      process.stdout.write(
        options.json === true ? `${JSON.stringify(description, null, 2)}\n` : planText(description),
      );
    });
}
