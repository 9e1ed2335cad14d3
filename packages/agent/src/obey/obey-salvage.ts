import {
  counted,
  type DropSetAsideOrder,
  type OrderOf,
  type OrderReport,
  type Salvage,
  type SalvageOrder,
} from '@understudy/core';
import type { Hands } from '../mount/open-mount.ts';
import { findCopy, ownCopyOf } from './find-copy.ts';
import { agreeOn } from './obey-copy.ts';
import { refuse } from './refuse.ts';

// Orders about what a lost side holds. They change no copy's state, so they wait in no queue; what
// they write goes through the gate of the mount, like everybody's.

/** Of the time that whoever ordered waits; the rest is for what was begun. */
const shareOfOrder = 0.5;

export async function obeySalvage(
  hands: Hands,
  order: SalvageOrder & OrderOf,
): Promise<OrderReport> {
  const { record, from } = order;
  const { dataset } = record;
  await agreeOn(hands, record);
  const { own, copy } = await findCopy(hands, dataset, record.active);
  if (copy?.gate.isOpen !== true || copy.gate.generation !== record.generation) {
    return refuse('wrongState', `${dataset} is not mounted on ${record.active} now`);
  }
  const withinMs = hands.parts.topology.limits.orderTimeoutMs * shareOfOrder;
  const { generation } = copy.gate;
  const salvage = await own.engine.salvage({ dataset, generation, from, withinMs });
  return { salvage, why: wordsOf(salvage) };
}

function wordsOf({ database, store, way, why, counts }: Salvage): string {
  const { merged, alreadyThere, conflict, refused } = counts;
  const where = `${database} on ${store}`;
  if (way === 'nothing') return `${where}: ${why}`;
  const listed = conflict + refused;
  const found = [
    `${counted(merged, 'change')} merged`,
    `${alreadyThere} there already`,
    `${counted(listed, 'conflict')} in the ledger`,
  ];
  return `${where}: ${why}; ${found.join(', ')}`;
}

export async function obeyDropSetAside(
  hands: Hands,
  { dataset, store, database }: DropSetAsideOrder & OrderOf,
): Promise<OrderReport> {
  const own = ownCopyOf(hands, dataset, store);
  await own.engine.dropSetAside({ dataset, database });
  return { why: `${database} on ${store} is gone: its ledger is complete` };
}
