import type { Log } from '@understudy/ports';
import type { MountedDataset } from '../data/mounted-dataset.ts';
import { importLock } from './import-users.ts';
import { abandonImport, moveImport, readImports } from './move-import.ts';

/**
 * Imports that were killed: what was staged whole here goes on; anything else is taken back, also
 * on the other site after a failover, where nothing is staged. Leaves a running import alone.
 */
export async function settleImports(
  mounted: MountedDataset,
  options: { readonly pieceRows: number; readonly realm: string; readonly log: Log },
): Promise<void> {
  if ((await readImports(mounted, null)).length === 0) return;
  await mounted.database.alone(importLock, async () => {
    for (const found of await readImports(mounted, null)) {
      const isWhole = found.state === 'moving' && found.staged === found.rows;
      if (isWhole) await moveImport(mounted, found, options);
      else await abandonImport(mounted, found.id, options);
      const what = isWhole ? 'went on and is done' : 'was not whole here and was taken back';
      options.log.say('info', `import ${found.id} ${what}`);
    }
  });
}
