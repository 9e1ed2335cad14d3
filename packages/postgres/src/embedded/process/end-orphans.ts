import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { bounds } from '../bounds.ts';
import { findPostmaster, sendSignal, waitGone } from './postmaster-process.ts';

/**
 * Ends sessions whose server was killed while they computed: they see its death only when they next
 * wait, and until then their shared memory keeps a new server from starting (manual, 18.4.1). What
 * they had not committed is undone by the recovery that follows. Gives how many there were.
 */
export async function endOrphans(pgdata: string): Promise<number> {
  if ((await findPostmaster(pgdata)) !== undefined) return 0;
  const folder = await realpath(pgdata);
  const names = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(names.map((name) => isSessionOn(name, folder)));
  const pids = names.filter((_, index) => found[index]).map(Number);
  for (const pid of pids) sendSignal(pid, 'SIGKILL');
  for (const pid of pids) {
    await waitGone(pid, { withinMs: bounds.killedWithinMs, tried: 'SIGKILL' });
  }
  return pids.length;
}

/** A session's title begins with "postgres:"; a server that is just starting has none yet. */
async function isSessionOn(pid: string, folder: string): Promise<boolean> {
  try {
    const [cwd, program, title] = await Promise.all([
      readlink(`/proc/${pid}/cwd`),
      readlink(`/proc/${pid}/exe`),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    const isPostgres = basename(program.replace(/ \(deleted\)$/, '')) === 'postgres';
    return isPostgres && cwd === folder && title.startsWith('postgres:');
  } catch {
    return false; // Gone meanwhile, or not ours to look at.
  }
}
