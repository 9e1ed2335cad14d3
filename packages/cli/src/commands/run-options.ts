import type { Command } from 'commander';

export type SwitchOptions = {
  readonly whatIf?: boolean;
  readonly verbose?: boolean;
  readonly yes?: boolean;
  readonly plan?: string;
};

/** Options of every command that begins a run. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--what-if', 'print the plan that would run now, and do nothing')
    .option('--plan <hash>', 'begin only if the plan is still this one')
    .option('--verbose', 'every line of the journal, as it is written')
    .option('--yes', 'say yes to every approval that the run asks for');
}
