import type { AgentReport, CopyReport } from '../../agent/agent-report.ts';
import type { ActiveRecord } from '../../dataset/history/active-record.ts';
import { knownRecord, placeOf } from '../../dataset/move/copy-places.ts';
import type { DatasetName, StoreName } from '../../ids.ts';
import type { Finding } from '../../run/run-request.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { refusal } from '../check/finding.ts';
import type { PlannedReturn, PlannedSalvage, SeenCopy } from './pool-plan.ts';

type Wanted = (dataset: string) => boolean;
type Aside = { readonly dataset: DatasetName; readonly store: StoreName };

/** Set aside before and not dropped: a return that was cut off, or a copy that was seeded anew. */
export function planSalvages(
  inventory: Inventory,
  { setAside }: AgentReport,
  wanted: Wanted,
): readonly (PlannedSalvage | Finding)[] {
  const known = inventory.topology.datasets.map(({ name }) => name);
  const found = setAside.flatMap(({ dataset, salvage, store }) => {
    if (dataset === undefined || salvage === undefined || !wanted(dataset)) return [];
    return known.includes(dataset) ? [{ dataset, store }] : [];
  });
  return found
    .filter((one, index) => index === found.findIndex((other) => isSamePlace(one, other)))
    .map((each) => planSalvage(inventory, each));
}

function isSamePlace(one: Aside, other: Aside): boolean {
  return one.dataset === other.dataset && one.store === other.store;
}

function planSalvage(inventory: Inventory, { dataset, store }: Aside): PlannedSalvage | Finding {
  const record = knownRecord(inventory, dataset);
  if (record === undefined) {
    return refusal('noActiveRecord', `nobody who answers knows an active copy of ${dataset}`);
  }
  if (activeCopyOf(inventory, record)?.state !== 'mounted') return notMounted(record);
  return salvageOf(inventory, { dataset, record, at: placeOf(inventory.topology, store) });
}

export function salvageOf(
  { topology }: Inventory,
  { dataset, at, record }: Pick<PlannedReturn, 'dataset' | 'at' | 'record'>,
): PlannedSalvage {
  return { dataset, at, into: placeOf(topology, record.active), record };
}

/** How long the tails are at most: what no follower has confirmed of the copies' logs. */
export function seenTails({ copies, setAside }: AgentReport, wanted: Wanted): readonly SeenCopy[] {
  const diverged = copies
    .filter(({ state, dataset }) => state === 'diverged' && wanted(dataset))
    .map(({ dataset, store, slots }) => {
      const unread = slots.map(({ lagBytes }) => lagBytes);
      return { dataset, store, tailBytes: Math.max(0, ...unread) };
    });
  const aside = setAside.flatMap(({ dataset, store, unreadBytes }) =>
    dataset === undefined || unreadBytes === undefined || !wanted(dataset)
      ? []
      : [{ dataset, store, tailBytes: unreadBytes }],
  );
  return [...diverged, ...aside];
}

export function activeCopyOf(
  { topology, reports }: Inventory,
  { dataset, active }: ActiveRecord,
): CopyReport | undefined {
  const { server } = placeOf(topology, active);
  const report = reports.find((each) => each.server === server);
  return report?.copies.find((each) => each.dataset === dataset && each.store === active);
}

export function notMounted({ dataset, active }: ActiveRecord): Finding {
  return refusal('sourceNotMounted', `${dataset} is not mounted on ${active}`);
}
