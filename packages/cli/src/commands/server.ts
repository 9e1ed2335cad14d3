import type { Command } from 'commander';
import { acting, type CliFrame } from '../cli-context.ts';

export function addServerCommands(program: Command, frame: CliFrame): void {
  const server = program
    .command('server')
    .helpCommand(false)
    .description('servers that share a pool');
  server
    .command('drain')
    .description('its routing groups go to others of its pool, and it takes no new registrations')
    .argument('<server>')
    .option('--why <words>', 'the reason, for everyone who looks')
    .action(
      acting<[string, { readonly why?: string }]>(frame, async (context, name, { why }) => {
        const body = why === undefined ? {} : { why };
        const done = await (await context.connect()).drainServer(name, body);
        return { json: done, lines: [done.why] };
      }),
    );
  server
    .command('undrain')
    .description('it serves its share again')
    .argument('<server>')
    .action(
      acting<[string, object]>(frame, async (context, name) => {
        const done = await (await context.connect()).undrainServer(name);
        return { json: done, lines: [done.why] };
      }),
    );
}
