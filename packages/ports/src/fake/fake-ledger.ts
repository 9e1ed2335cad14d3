import {
  type DatasetName,
  isOpenEntry,
  type LedgerCounts,
  type LedgerPage,
  ledgerPageMax,
  type LedgerQuery,
  noLedgerCounts,
  type ResolveLedger,
  type Salvage,
} from '@understudy/core';
import type { FakeCopy, FakeSalvage } from './fake-copy.ts';
import { checkGate } from './fake-gate.ts';
import { commitHere, type FakeParts, requireCopy } from './fake-parts.ts';

export async function readLedger(
  parts: FakeParts,
  dataset: DatasetName,
  { isOpenOnly, id, offset = 0 }: LedgerQuery,
): Promise<LedgerPage> {
  const copy = await requireCopy(parts, dataset);
  const wanted = [...copy.ledger.values()]
    .filter((entry) => isOpenOnly !== true || isOpenEntry(entry))
    .filter((entry) => id === undefined || entry.id === id)
    .slice(offset);
  const entries = wanted.slice(0, ledgerPageMax);
  const salvages = [...copy.salvages.values()].map((each) => withCounts(copy, each));
  return { salvages, entries, hasMore: wanted.length > entries.length };
}

export async function resolveLedger(parts: FakeParts, order: ResolveLedger): Promise<number> {
  const { dataset, generation, ids, by, why } = order;
  const copy = await requireCopy(parts, dataset);
  checkGate(parts, copy, generation);
  const open = ids.flatMap((id) => copy.ledger.get(id) ?? []).filter(isOpenEntry);
  const resolved = { by, why, atMs: parts.on.world.clock.nowMs() };
  for (const entry of open) {
    commitHere(parts, copy, { kind: 'merge', entry: { ...entry, resolved } });
  }
  return open.length;
}

export function withCounts(copy: FakeCopy, salvage: FakeSalvage): Salvage {
  const counts: { -readonly [name in keyof LedgerCounts]: number } = { ...noLedgerCounts };
  for (const entry of copy.ledger.values()) {
    if (entry.salvage !== salvage.id) continue;
    counts[entry.outcome]++;
    if (isOpenEntry(entry)) counts.open++;
  }
  return { ...salvage, counts };
}
