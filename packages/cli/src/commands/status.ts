import type { OperatorClient } from '@understudy/api';
import type { Command } from 'commander';
import { acting, type CliContext, type CliFrame, type Outcome } from '../cli-context.ts';
import { showError } from '../show-error.ts';
import { redraw } from '../show/redraw.ts';
import { statusScreen } from '../show/status-screen.ts';
import { wrap } from '../show/wrap.ts';

const watchEveryMs = 1000;

export function addStatusCommand(program: Command, frame: CliFrame): void {
  program
    .command('status')
    .description('one screen: sites, stores, pools, datasets, lag, loss quotes, runs')
    .option('--watch', 'stay and show changes until Ctrl-C')
    .action(acting<[{ watch?: true }]>(frame, showStatus));
}

async function showStatus(
  context: CliContext,
  { watch }: { watch?: true },
): Promise<Outcome | undefined> {
  const client = await context.connect();
  if (watch) return await watchStatus(context, client);
  const status = await client.status();
  return { json: status, lines: statusScreen(status, screenOf(context)) };
}

/** In a terminal the screen is drawn over; elsewhere it is printed again when it has changed. */
async function watchStatus(context: CliContext, client: OperatorClient): Promise<undefined> {
  const { stdout, signal } = context.world;
  const isDrawn = stdout.isTerminal && context.globals.json !== true;
  let before: readonly string[] = [];
  while (!signal.aborted && !stdout.isGone) {
    const lines = await oneLook(context, client);
    if (signal.aborted) break;
    if (isDrawn) stdout.write(redraw(lines, { columns: stdout.columns, rows: stdout.rows }));
    else if (lines.join('\n') !== before.join('\n')) {
      stdout.write(`${before.length === 0 ? '' : '\n'}${lines.join('\n')}\n`);
    }
    before = lines;
    await context.world.sleep(watchEveryMs);
  }
  if (isDrawn) stdout.write('\n'); // The shell's prompt comes below what was last seen.
}

/** A silent deployment is something to watch, too. */
async function oneLook(context: CliContext, client: OperatorClient): Promise<readonly string[]> {
  const isJson = context.globals.json === true;
  try {
    const status = await client.status();
    return isJson ? [JSON.stringify(status)] : statusScreen(status, screenOf(context));
  } catch (error) {
    const shown = showError(error);
    if (isJson) return [JSON.stringify(shown?.json ?? { error: String(error) })];
    return (shown?.lines ?? [String(error)]).flatMap((line) =>
      wrap(line, screenOf(context).columns, '  '),
    );
  }
}

function screenOf({ world }: CliContext) {
  const { isTerminal, columns } = world.stdout;
  return { nowMs: world.nowMs(), columns: isTerminal ? columns : Number.POSITIVE_INFINITY };
}
