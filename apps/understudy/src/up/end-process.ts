import { setTimeout as sleep } from 'node:timers/promises';
import { findProcess } from '@understudy/api';
import { bounds } from './bounds.ts';

/**
 * Ends the process that `file` names: SIGTERM, and SIGKILL after `withinMs`. False when none ran.
 * The file names pid and start, so that no other process is ever ended.
 */
export async function endProcess(file: string, withinMs: number): Promise<boolean> {
  const pid = await findProcess(file);
  if (pid === undefined) return false;
  send(pid, 'SIGTERM');
  if (await isGone(file, withinMs)) return true;
  send(pid, 'SIGKILL');
  await isGone(file, withinMs);
  return true;
}

async function isGone(file: string, withinMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += bounds.lookMs) {
    if ((await findProcess(file)) === undefined) return true;
    await sleep(bounds.lookMs);
  }
  return false;
}

/** Sends a signal to a process that may be gone by now. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // Gone already: good.
  }
}
