import { Argument, type Command } from 'commander';
import { acting, type CliFrame } from '../cli-context.ts';
import { completionScript, type Shell, shells } from '../completion-script.ts';

export function addCompletionCommand(program: Command, frame: CliFrame): void {
  program
    .command('completion')
    .description('a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText(
      'after',
      '\nbash: source <(understudy completion bash)' +
        '\nzsh:  source <(understudy completion zsh)' +
        '\nfish: understudy completion fish | source',
    )
    .action(
      acting<[Shell, object]>(frame, async (_context, shell) => {
        const script = completionScript(program, shell);
        return { json: { shell, script }, lines: script.trimEnd().split('\n') };
      }),
    );
}
