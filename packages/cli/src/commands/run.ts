import type { Command } from 'commander';
import { acting, type CliFrame } from '../cli-context.ts';
import { followRun } from '../runs/follow-run.ts';
import { runLines, runRows } from '../show/run-rows.ts';
import { table } from '../show/table.ts';

export function addRunCommands(program: Command, frame: CliFrame): void {
  const run = program
    .command('run')
    .helpCommand(false)
    .description('runs of runbooks, and their journals');
  addRunLooks(run, frame);
  addRunActs(run, frame);
}

function addRunLooks(run: Command, frame: CliFrame): void {
  run
    .command('list')
    .description('all runs, newest first')
    .action(
      acting<[object]>(frame, async (context) => {
        const answer = await (await context.connect()).listRuns();
        return { json: answer, lines: table(runRows(answer.runs, context.world.nowMs())) };
      }),
    );
  run
    .command('show')
    .description('a run and its journal')
    .argument('<run>')
    .action(
      acting<[string, object]>(frame, async (context, id) => {
        const detail = await (await context.connect()).showRun(id);
        return { json: detail, lines: runLines(detail.row, detail.journal) };
      }),
    );
}

type FollowOptions = { readonly verbose?: boolean; readonly yes?: boolean };

function addRunActs(run: Command, frame: CliFrame): void {
  run
    .command('resume')
    .description('take a run over and go on where the world stands')
    .argument('<run>')
    .option('--verbose', 'every line of the journal, as it is written')
    .option('--yes', 'say yes to every approval that the run asks for')
    .action(
      acting<[string, FollowOptions]>(frame, async (context, id, options) => {
        const client = await context.connect();
        const { run: resumed } = await client.resumeRun(id);
        return await followRun(context, { client, run: resumed, ...options });
      }),
    );
  run
    .command('cancel')
    .description('end a run and undo what it did; refused past the point of no return')
    .argument('<run>')
    .action(
      acting<[string, object]>(frame, async (context, id) => {
        const done = await (await context.connect()).cancelRun(id);
        return { json: done, lines: [done.why] };
      }),
    );
  run
    .command('approve')
    .description('say yes to what a run waits for')
    .argument('<run>')
    .action(
      acting<[string, object]>(frame, async (context, id) => {
        const done = await (await context.connect()).approveRun(id);
        return { json: done, lines: [done.why] };
      }),
    );
}
