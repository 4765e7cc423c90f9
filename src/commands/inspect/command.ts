import { Command } from 'commander';
import { constantOption, feedOption, modelAxesOption } from '../terminal/input-flags.js';
import { jsonOption, windowOption } from '../terminal/options.js';
import type { InspectOptions } from './action.js';

/** `lstmd inspect`: the layers of a model, and which modes are exact at what cost. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'Show layers, weights, state, which modes are exact at what cost, and how to run it; or why the model is refused.',
    )
    .argument('<model>', 'model file: .keras, .h5 or .onnx, or a folder of TensorFlow.js')
    .addOption(windowOption())
    .addOption(feedOption())
    .addOption(constantOption())
    .addOption(modelAxesOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  lstmd inspect examples/running/running.keras')
    .action(async (model: string, options: InspectOptions) => {
      const { inspect } = await import('./action.js');
      await inspect(model, options);
    });
}
