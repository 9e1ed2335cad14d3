import type { Command } from 'commander';
import { acting, type CliFrame } from '../cli-context.ts';
import { findNamed } from '../find-named.ts';
import { table } from '../show/table.ts';
import { whatRuns, whatRunsRows } from '../show/what-runs-rows.ts';

type StopOptions = { readonly why?: string; readonly evenServing?: true };

export function addServicesCommands(program: Command, frame: CliFrame): void {
  const services = program
    .command('services')
    .helpCommand(false)
    .description('what runs on the servers');
  services
    .command('list')
    .description('agents, stores and registrars, and what each does now')
    .argument('[server]', 'only this one')
    .action(
      acting<[string | undefined, object]>(frame, async (context, name) => {
        const status = await (await context.connect()).status();
        if (name !== undefined) findNamed('server', name, status.topology.servers);
        const running = whatRuns(status, name);
        return { json: { services: running }, lines: table(whatRunsRows(running)) };
      }),
    );
  services
    .command('start')
    .description('start the registrar; it serves, or points users away, as its pools are')
    .argument('<server>')
    .action(
      acting<[string, object]>(frame, async (context, name) => {
        const done = await (await context.connect()).startServices(name);
        return { json: done, lines: [done.why] };
      }),
    );
  services
    .command('stop')
    .description('stop the registrar until it is started again; replication goes on')
    .argument('<server>')
    .option('--why <words>', 'the reason, for everyone who looks')
    .option('--even-serving', 'also while it serves users, who then wait or go to the backup')
    .action(
      acting<[string, StopOptions]>(frame, async (context, name, { why, evenServing }) => {
        const done = await (await context.connect()).stopServices(name, {
          isServingFine: evenServing ?? false,
          ...(why === undefined ? {} : { why }),
        });
        return { json: done, lines: [done.why] };
      }),
    );
}
