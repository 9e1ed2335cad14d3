import type { Hands } from '../mount/open-mount.ts';
import type { JudgedCopy } from '../observe/judge-copies.ts';
import { isVouchedFor } from '../observe/judge-identities.ts';

/** Followers come back as soon as a partner has told that this store is what it was (E10). */
export async function admitFollowers({ memory }: Hands, judged: JudgedCopy): Promise<void> {
  const { own, dataset, situation } = judged;
  if (situation.copy?.refusesFollowers !== true) return;
  if (isVouchedFor(memory, own.engine.store)) await own.engine.admitFollowers(dataset);
}
