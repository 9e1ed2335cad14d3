import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { readTextIfThere, writePrivateFile } from './private-file.ts';

// A pid alone does not name a process: after a reboot it is somebody else's. The files of this
// folder hold the pid and when that process began, so that a reused pid is never taken for ours.

export type ProcessFile = { readonly pid: number; readonly began: string };

const psTimeoutMs = 2000;

/** Writes that `pid` (default: this process) is what runs. */
export async function writeProcessFile(path: string, pid: number = process.pid): Promise<void> {
  await writePrivateFile(path, await processText(pid));
}

export async function processText(pid: number): Promise<string> {
  return `${pid}\n${(await beganOf(pid)) ?? ''}\n`;
}

/** The pid in the file if that very process still runs. */
export async function findProcess(path: string): Promise<number | undefined> {
  const text = await readTextIfThere(path);
  return text === undefined ? undefined : await runningPid(text);
}

/** The pid that `text` names if that very process still runs; without a start any will do. */
export async function runningPid(text: string): Promise<number | undefined> {
  const [first = '', began = ''] = text.split('\n');
  const pid = Number(first);
  if (!Number.isSafeInteger(pid) || pid <= 1 || !isAlive(pid)) return undefined;
  if (began === '') return pid;
  return (await beganOf(pid)) === began ? pid : undefined;
}

/** Whether a process of this number exists; it may be another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // Signal 0 asks only (kill(2)).
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When the process began, in whatever words the system has; undefined when it is gone. */
async function beganOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return await beganOnLinux(pid);
  const ps = promisify(execFile)('ps', ['-o', 'lstart=', '-p', `${pid}`], { timeout: psTimeoutMs });
  return await ps.then(({ stdout }) => stdout.trim() || undefined).catch(() => undefined);
}

async function beganOnLinux(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  // proc_pid_stat(5): field 2 is the name in parentheses, which may itself hold spaces and `)`;
  // field 3 is the state, Z when it is dead and not yet waited for; field 22 the start in ticks.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}
