import { spawn } from 'node:child_process';
import type { RunUser } from './run-user.ts';

export type ProgramResult = { readonly exitCode: number | null; readonly output: string };

/** How PostgreSQL's programs are spawned: no inherited environment, a folder anyone can enter. */
export function spawnAs(user: RunUser): {
  cwd: string;
  env: Record<string, string>;
  uid?: number;
  gid?: number;
} {
  const plain = { cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };
  return user.isOther ? { ...plain, uid: user.uid, gid: user.gid } : plain;
}

/** Runs a program to its end (bounded by `withinMs`) and gives what it said on both outputs. */
export function runProgram(options: {
  readonly program: string;
  readonly args: readonly string[];
  readonly user: RunUser;
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
}): Promise<ProgramResult> {
  const { program, args, user, withinMs, signal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...spawnAs(user),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: withinMs,
      ...(signal ? { signal } : {}),
    });
    let output = '';
    const collect = (text: string) => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}
