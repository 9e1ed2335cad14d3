import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Runs a program to its end; throws with what it said when it fails. */
export async function runProgram(
  words: readonly string[],
  { input = '' }: { readonly input?: string } = {},
): Promise<string> {
  const [program = '', ...parameters] = words;
  const child = spawn(program, parameters, { stdio: 'pipe' });
  child.stdin.on('error', () => {}); // It may end without reading.
  child.stdin.end(input);
  const ended = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (child.exitCode === 0) return out;
  throw new Error(`${words.join(' ')} failed (${child.exitCode}): ${err.trim()}`);
}
