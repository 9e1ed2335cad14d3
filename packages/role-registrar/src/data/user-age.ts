import type { MountedDataset } from './mounted-dataset.ts';

/** While nobody else changes users, but for a server that was cut off and does not know it. */
const aloneMsMax = 60_000;
/** What one server of a pool changes, the others see no later than this. */
const sharedMsMax = 5_000;

/** How old knowledge of a user may be: changes may have been made through another server. */
export function userAgeMsMax({ mount }: Pick<MountedDataset, 'mount'>): number {
  const hasOthers = (mount.owners?.others.length ?? 0) > 0;
  return hasOthers ? sharedMsMax : aloneMsMax;
}
