import type { StoreName } from '../ids.ts';
import type { Limits } from '../limits.ts';

/** What is seen of the disk that holds a store of ours. */
export type DiskRoom = { readonly folder: string; readonly freeBytes: number };

/**
 * What to say of a disk that has next to nothing left; undefined while there is enough. The store
 * itself may be unable to: its log is on the same disk.
 */
export function diagnoseRoom(
  store: StoreName,
  { folder, freeBytes }: DiskRoom,
  { diskFreeMinBytes }: Pick<Limits, 'diskFreeMinBytes'>,
): string | undefined {
  if (freeBytes >= diskFreeMinBytes) return undefined;
  const freeMb = Math.floor(freeBytes / 2 ** 20);
  return (
    `the disk of ${store} is ${freeMb === 0 ? 'full' : `nearly full (${freeMb} MiB left)`}: ` +
    `free some space where ${folder} lies`
  );
}
