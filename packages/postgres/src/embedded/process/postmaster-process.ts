import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { bounds } from '../bounds.ts';
import { EmbeddedPostgresError, systemCode } from '../embedded-postgres-error.ts';
import { runProgram } from './run-program.ts';
import { waitUntil } from './wait-until.ts';

/** What `postmaster.pid` says (PostgreSQL's pidfile.h), once its process was seen to be real. */
export type Postmaster = { readonly pid: number; readonly port: number; readonly status: string };

/**
 * The PostgreSQL that runs on this data folder; undefined when none does. A pid file whose process
 * is gone, or is another program by now, counts as none; it is PostgreSQL's own to replace (E12).
 */
export async function findPostmaster(pgdata: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(pgdata, 'postmaster.pid'), 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !(await runsOn(pid, pgdata))) return undefined;
  return { pid, port: Number(lines[3] ?? 0), status: lines[7] ?? 'starting' };
}

async function runsOn(pid: number, pgdata: string): Promise<boolean> {
  if (!(await isAlive(pid))) return false;
  if (process.platform !== 'linux') return commandNames(pid, pgdata);
  try {
    // The postmaster works in its data folder; a program replaced on disk shows as "(deleted)".
    const [cwd, program] = await Promise.all([
      readlink(`/proc/${pid}/cwd`),
      readlink(`/proc/${pid}/exe`),
    ]);
    const isPostgres = basename(program.replace(/ \(deleted\)$/, '')) === 'postgres';
    return isPostgres && cwd === (await realpath(pgdata));
  } catch {
    return false; // Gone meanwhile, or another user's process: not one that we started.
  }
}

async function commandNames(pid: number, pgdata: string): Promise<boolean> {
  const { output } = await runProgram({
    program: '/bin/ps',
    args: ['-o', 'command=', '-p', String(pid)],
    user: { uid: 0, gid: 0, isOther: false },
    withinMs: bounds.versionWithinMs,
  });
  return output.includes('postgres') && output.includes(pgdata);
}

/** Whether the process exists and is not a zombie, which only waits for its parent to look. */
export async function isAlive(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
  return (await stateAndParent(pid))?.state !== 'Z';
}

/** Both from /proc/PID/stat, behind the name, which may hold anything (proc(5)). */
async function stateAndParent(pid: number): Promise<{ state: string; parent: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const [state = '', parent = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent) };
}

const signals = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

/** `fast` ends sessions and writes a checkpoint; `immediate` leaves recovery to the next start. */
export type StopMode = keyof typeof signals;

/** Stops the server and waits until its process is gone (manual, 18.5 Shutting Down the Server). */
export async function stopPostmaster(pid: number, mode: StopMode): Promise<void> {
  sendSignal(pid, signals[mode]);
  await waitGone(pid, { withinMs: bounds.stoppedWithinMs, tried: `a ${mode} shutdown` });
}

/** Ends the server and all its processes at once, as a power loss would. */
export async function killPostmaster(pid: number): Promise<void> {
  // Stopped first, so that no new process appears between listing and killing them.
  sendSignal(pid, 'SIGSTOP');
  const children = await childrenOf(pid);
  for (const each of [pid, ...children]) sendSignal(each, 'SIGKILL');
  for (const each of [pid, ...children]) {
    await waitGone(each, { withinMs: bounds.killedWithinMs, tried: 'SIGKILL' });
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.map(Number).filter((each) => Number.isInteger(each));
  const found = await Promise.all(
    pids.map(async (each) => ({ each, parent: (await stateAndParent(each))?.parent })),
  );
  return found.filter(({ parent }) => parent === pid).map(({ each }) => each);
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

export async function waitGone(
  pid: number,
  { withinMs, tried }: { withinMs: number; tried: string },
): Promise<void> {
  const wait = { withinMs, everyMs: bounds.pollEveryMs };
  const isGone = await waitUntil(wait, async () => ((await isAlive(pid)) ? undefined : true));
  if (isGone) return;
  throw new EmbeddedPostgresError(
    'notStopped',
    `PostgreSQL with process ${pid} is still there ${withinMs / 1000} s after ${tried}. Look at ` +
      'its log; a process stuck on a disk that does not answer can only wait for that disk.',
  );
}
