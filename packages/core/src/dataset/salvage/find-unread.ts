import { showGeneration } from '../../generation.ts';
import type { ActiveRecord } from '../history/active-record.ts';
import type { Salvage } from './ledger.ts';

/**
 * What the last forced takeover left behind and no salvage has read yet, in words; undefined where
 * there is none. It comes with the lost store's disk, or never.
 */
export function findUnread(
  { dataset, former }: ActiveRecord,
  salvages: readonly Salvage[],
): string | undefined {
  if (former?.how !== 'forced') return undefined;
  const { store, generation } = former;
  const isRead = salvages.some(
    (each) => each.store === store && each.generation >= generation && each.isComplete,
  );
  if (isRead) return undefined;
  const what = `${dataset}: what only ${store} had under generation ${showGeneration(generation)}`;
  return `${what} is not read yet; it is when that store returns, and lost if its disk is gone`;
}
