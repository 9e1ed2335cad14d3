import { readFile, writeFile } from 'node:fs/promises';
import type { Sites } from './open-sites.ts';

/** The same topology without its lines for voters. */
export function withoutVotes(text: string): string {
  return text.replace(/^votes:\n( .*\n)*/m, '');
}

/** From now on nobody votes: an operator's word takes the place of a majority (V6). Agents stop. */
export async function dropVotes(sites: Sites): Promise<void> {
  for (const { name } of sites.topology.servers) await sites.agent(name).kill('SIGTERM');
  const file = sites.paths.topology;
  await writeFile(file, withoutVotes(await readFile(file, 'utf8')));
}
