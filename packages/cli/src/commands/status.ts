import type { OperatorClient } from '@understudy/api';
import type { Command } from 'commander';
import { acting, type CliContext, type CliFrame, type Outcome } from '../cli-context.ts';
import { statusScreen } from '../show/status-screen.ts';

const watchEveryMs = 1000;
/** Home, then erase to the end of the screen (ECMA-48, 8.3.21 and 8.3.39). */
const redraw = '\u001b[H\u001b[J';
const clearScreen = '\u001b[2J';

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
  if (stdout.isTerminal) stdout.write(clearScreen);
  let before = '';
  while (!signal.aborted && !stdout.isGone) {
    const now = await oneLook(context, client);
    if (stdout.isTerminal) stdout.write(redraw + now);
    else if (now !== before) stdout.write(before === '' ? now : `\n${now}`);
    before = now;
    await context.world.sleep(watchEveryMs);
  }
}

/** A silent deployment is something to watch, too. */
async function oneLook(context: CliContext, client: OperatorClient): Promise<string> {
  try {
    const status = await client.status();
    if (context.globals.json === true) return `${JSON.stringify(status)}\n`;
    return `${statusScreen(status, screenOf(context)).join('\n')}\n`;
  } catch (error) {
    return `${(error as Error).message}\n`;
  }
}

function screenOf({ world }: CliContext) {
  const { isTerminal, columns } = world.stdout;
  return { nowMs: world.nowMs(), columns: isTerminal ? columns : Number.POSITIVE_INFINITY };
}
