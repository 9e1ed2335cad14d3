import { readdir, readFile } from 'node:fs/promises';

export type Listed = { readonly pid: number; readonly words: string };

/**
 * Every process of this machine as `ps` would list it: agents and roles by what they were started
 * with, without threads and zombies.
 */
export async function listProcesses(): Promise<readonly Listed[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [line, environment] = await Promise.all(
        ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
      ).catch(() => []);
      if (line === undefined || line === '') return [];
      const own = (environment ?? '').split('\0').filter((each) => each.startsWith('UNDERSTUDY_'));
      return [{ pid: Number(pid), words: [...line.split('\0'), ...own].join(' ') }];
    }),
  );
  return found.flat();
}
