import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { NoAnswerError, OperatorApiError } from '@understudy/api';
import type { Command } from 'commander';
import { acting, type CliContext, type CliFrame, type Outcome } from '../../cli-context.ts';
import { exitCode } from '../../exit-code.ts';
import { stopWords } from '../../show-stopped.ts';
import { UsageError } from '../../usage-error.ts';

export function addUserImport(user: Command, frame: CliFrame): void {
  user
    .command('import')
    .description('add all users of a CSV file (name,display_name,password), or none of them')
    .argument('<file>')
    .requiredOption('--pool <pool>', "the users' home pool")
    .option('--id <uuid>', 'the id of an import that was interrupted, to go on with it')
    .action(acting<[string, { pool: string; id?: string }]>(frame, importUsers));
}

async function importUsers(
  context: CliContext,
  file: string,
  { pool, id = randomUUID() }: { readonly pool: string; readonly id?: string },
): Promise<Outcome> {
  const bytes = await sizeOf(file);
  const client = await context.connect();
  try {
    const done = await client.importUsers(pool, {
      id,
      csv: () => withProgress(context, createReadStream(file), bytes),
    });
    clearProgress(context);
    return { json: done, lines: [done.why] };
  } catch (error) {
    clearProgress(context);
    if (error instanceof NoAnswerError && error.mayHaveBeenDone) {
      return unfinished(context, error, { file, pool, id });
    }
    const badLines = error instanceof OperatorApiError ? error.answer.badLines : undefined;
    if (badLines === undefined) throw error;
    for (const { line, why } of badLines) context.world.stderr.write(`${file}:${line}: ${why}\n`);
    return {
      exit: exitCode.failed,
      json: (error as OperatorApiError).answer,
      lines: [`Nothing was imported: ${(error as OperatorApiError).message}`],
    };
  }
}

/** All or nothing was imported, and only the same id finds out which without doing it twice. */
function unfinished(
  { world }: CliContext,
  error: NoAnswerError,
  { file, pool, id }: { readonly [name in 'file' | 'pool' | 'id']: string },
): Outcome {
  const why = stopWords(world.signal) ?? error.message;
  const what = `${why}: all users of ${file} will show, or none of them if not all was sent`;
  const todo = `understudy user import ${file} --pool ${pool} --id ${id} (does nothing twice)`;
  world.stderr.write(`error: ${what}\n  do: ${todo}\n`);
  return { exit: exitCode.failed, json: { error: { code: 'stopped', what, todo }, id }, lines: [] };
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  });
  if (!found.isFile()) throw new UsageError(`${file} is not a file`);
  return found.size;
}

function withProgress({ world, globals }: CliContext, csv: Readable, bytes: number): Readable {
  if (!world.stdout.isTerminal || globals.json === true) return csv;
  let read = 0;
  let shown = -1;
  csv.on('data', (chunk: Buffer) => {
    read += chunk.length;
    const percent = Math.floor((100 * read) / bytes);
    if (percent === shown) return;
    shown = percent;
    world.stdout.write(percent < 100 ? `\r… sent ${percent} %` : '\r… sent; being imported');
  });
  return csv;
}

function clearProgress({ world, globals }: CliContext): void {
  if (world.stdout.isTerminal && globals.json !== true) world.stdout.write('\r\u001b[K');
}
