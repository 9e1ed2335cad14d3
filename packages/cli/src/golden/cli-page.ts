import type { Command } from 'commander';
import { buildProgram } from '../build-program.ts';
import { exitCode } from '../exit-code.ts';
import { aWorld } from './fake-world.ts';

/** The page of the documentation that is made of the commands' own help. */
export const cliPageFile = new URL('../../../../docs/operating/cli.md', import.meta.url);

export function cliPage(): string {
  const world = aWorld({ url: 'http://127.0.0.1:1' });
  const program = buildProgram({ world, exit: exitCode.done });
  const sections = commandsOf(program, 'understudy').map(
    ({ path, command }) =>
      `## ${path}\n\n\`\`\`text\n${command.helpInformation().trim()}\n\`\`\`\n`,
  );
  return `${head}\n${sections.join('\n')}`;
}

type Named = { readonly path: string; readonly command: Command };

function commandsOf(command: Command, path: string): readonly Named[] {
  const inner = command.commands.flatMap((each) => commandsOf(each, `${path} ${each.name()}`));
  return [{ path, command }, ...inner];
}

const head = `# The command line

Made of the commands' own help by \`npm run golden\`; edit the commands, not this page.

\`--json\`, \`--data\`, \`--server\` and \`--token-file\` go with every command. Exit codes: 0 done,
1 failed, 2 wrong usage, 3 refused by a rule (the reason is in the output). Reasons go to standard
error; with \`--json\` standard output holds one document and nothing else. \`up\`, \`down\` and
\`status --watch\` go on saying things: there it is a document on each line.

Ctrl-C, SIGTERM and a reader that goes away (\`| head\`) end the command and not what the agents do:
a run goes on, and the last words name the command that shows it. The exit code is then 1. \`up\`
stops what it keeps, and goes on when only its reader has gone.

The originals' names are understood too, and say what they mean: \`Invoke-CsPoolFailOver\`,
\`Invoke-CsPoolFailBack\`, \`Get-CsBackupServiceStatus\`, \`Get-CsPoolBackupServiceStatus\`,
\`Get-CsRegistrarConfiguration\`, \`Set-CsRegistrarConfiguration\`, \`Get-CsWindowsService\`,
\`Start-CsWindowsService\`, \`Stop-CsWindowsService\`, \`Get-DatabaseAvailabilityGroup\`,
\`Stop-DatabaseAvailabilityGroup\`, \`Start-DatabaseAvailabilityGroup\`,
\`Restore-DatabaseAvailabilityGroup\`.
[transcript.md](transcript.md) shows them at work.
`;
