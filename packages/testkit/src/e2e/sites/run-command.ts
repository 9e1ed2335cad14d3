import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../kill/env.ts';

const program = fileURLToPath(
  new URL('../../../../../apps/understudy/bin/understudy.js', import.meta.url),
);
const commandMs = 60_000;

export type Said = { readonly exit: number | null; readonly out: string; readonly err: string };

/** Runs `understudy WORDS` as an operator does, in a process of its own. */
export async function runCommand(...words: readonly string[]): Promise<Said> {
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: inheritedEnvironment(),
    timeout: commandMs,
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
  return { exit: child.exitCode, out, err };
}

async function ended(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
