import { readFile } from 'node:fs/promises';
import type { CliWorld } from './cli-world.ts';
import { UsageError } from './usage-error.ts';

/** Longer than the API takes; what is longer is a wrong file. */
const passwordBytesMax = 1000;

/**
 * A password from a file, from a person who is asked twice, or from standard input. Never from the
 * command line, which every user of the machine can read.
 */
export async function readPassword(world: CliWorld, file?: string): Promise<string> {
  if (file !== undefined) return firstLine(await readPasswordFile(file), file);
  if (world.stdin.isTerminal) return await askTwice(world);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of world.stdin.stream as AsyncIterable<Buffer | string>) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > passwordBytesMax) throw new UsageError('standard input is too long for a password');
    chunks.push(piece);
  }
  return firstLine(Buffer.concat(chunks).toString('utf8'), 'standard input');
}

async function readPasswordFile(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.length <= passwordBytesMax) return text;
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
  throw new UsageError(`${file} is too long for a password`);
}

function firstLine(text: string, from: string): string {
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '') throw new UsageError(`there is no password in ${from}`);
  return line;
}

async function askTwice(world: CliWorld): Promise<string> {
  const password = await world.ask('Password: ', 'secret');
  if (password === '') throw new UsageError('a password may not be empty');
  const again = await world.ask('The same again: ', 'secret');
  if (password !== again) throw new UsageError('the two passwords differ; nothing was added');
  return password;
}
