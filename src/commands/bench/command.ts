import { Command } from 'commander';
import { benchAgentCommand } from './agent/command.js';
import { benchDecodersCommand } from './decoders/command.js';
import { benchKernelCommand } from './kernel/command.js';

/** `lstmd bench`: how fast this machine is. Comparisons with other libraries are in bench/ of a clone. */
export function benchCommand(): Command {
  return new Command('bench')
    .description(
      'Measure the speed of this machine: of the kernel, the decoders or the whole agent.',
    )
    .addCommand(benchKernelCommand())
    .addCommand(benchDecodersCommand())
    .addCommand(benchAgentCommand());
}
