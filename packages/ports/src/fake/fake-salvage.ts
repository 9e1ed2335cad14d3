import {
  type ChosenWay,
  chooseSalvageWay,
  compareTable,
  type DatasetName,
  type Generation,
  type LedgerEntry,
  mergeTable,
  noGeneration,
  type RowThere,
  type Salvage,
  type StoreName,
} from '@understudy/core';
import { EngineRefusedError, StoreDownError } from '../dataset-engine.ts';
import { type FakeCopy, type FakeSalvage, rowWritten, showLsn } from './fake-copy.ts';
import { checkGate } from './fake-gate.ts';
import { withCounts } from './fake-ledger.ts';
import { commitHere, type FakeParts, requireCopy } from './fake-parts.ts';

export type SalvageOrder = {
  readonly dataset: DatasetName;
  readonly generation: Generation;
  readonly from: { readonly store: StoreName; readonly database: string };
  readonly withinMs: number;
};

/** Rows of the fake are of one table, under the rule that users' own things have. */
const rule = 'lastWriter';

/** What a set-aside copy holds alone goes into the active copy here, or into its ledger. */
export async function salvage(parts: FakeParts, order: SalvageOrder): Promise<Salvage> {
  const copy = await requireCopy(parts, order.dataset);
  const lost = findLost(parts, order);
  const { asideAs } = lost;
  if (asideAs === undefined) throw new EngineRefusedError(`${order.from.database} is not aside`);
  const begun = copy.salvages.get(asideAs.salvage);
  if (begun?.isComplete === true) return withCounts(copy, begun);
  const chosen = chooseSalvageWay(questionOf(parts, { lost, copy, store: order.from.store }));
  const noted: FakeSalvage = {
    id: asideAs.salvage,
    dataset: order.dataset,
    ...order.from,
    generation: lost.mountedGeneration,
    ...chosen,
    isComplete: false,
  };
  const merging: Merging = { parts, order, copy, lost, salvage: noted };
  await commit(merging, { salvage: noted });
  for (const each of foundIn(merging, chosen)) await mergeOne(merging, each);
  const ended = { ...noted, isComplete: true };
  await commit(merging, { salvage: ended });
  return withCounts(copy, ended);
}

function findLost({ on }: FakeParts, { from }: SalvageOrder): FakeCopy {
  const source = on.world.storeNamed(from.store);
  if (!source?.isUp || !on.world.canReach(on.name, from.store)) {
    throw new StoreDownError(`store ${from.store} does not answer`);
  }
  const lost = source.setAside.get(from.database);
  if (lost === undefined) throw new EngineRefusedError(`${from.store} has no ${from.database}`);
  return lost;
}

function questionOf(
  { on }: FakeParts,
  asked: { readonly lost: FakeCopy; readonly copy: FakeCopy; readonly store: StoreName },
) {
  const { lost, copy, store } = asked;
  const slot = lost.slots.get(copy.originOf?.link ?? '');
  // Without A4 nobody asks how much a copy had that was only followed with.
  const lostOrigin = on.faults.has('A4') ? undefined : lost.origin;
  return {
    store,
    active: on.name,
    ...(lostOrigin && { lostOrigin }),
    mountedGeneration: lost.mountedGeneration,
    ...(lost.handedOver && { handedOver: lost.handedOver }),
    heartbeatGeneration: lost.heartbeat?.generation ?? noGeneration,
    isTakenBack: lost.asideAs?.isTakenBack === true,
    ...(copy.origin && { origin: copy.origin }),
    slot: slot === undefined ? 'gone' : slot.isLost ? 'lost' : 'there',
  } as const;
}

type Merging = {
  readonly parts: FakeParts;
  readonly order: SalvageOrder;
  readonly copy: FakeCopy;
  readonly lost: FakeCopy;
  readonly salvage: FakeSalvage;
};

type Found = { readonly row: string; readonly value: string; readonly lsn: number };

/** Behind the stored position (A1) where the slot tells; every row where tables are compared. */
function foundIn({ lost, copy }: Merging, { way }: ChosenWay): readonly Found[] {
  if (way === 'nothing') return [];
  if (way === 'tables') return [...lost.rows].map(([row, value]) => ({ row, value, lsn: 0 }));
  const after = copy.origins.at(-1)?.lsn ?? 0;
  return lost.log.flatMap(({ lsn, change }) =>
    lsn > after && change.kind === 'write' ? [{ ...change, lsn }] : [],
  );
}

/** One transaction: a row is looked at where it is written. */
async function mergeOne(merging: Merging, found: Found): Promise<void> {
  const { copy, salvage: of } = merging;
  await enter(merging);
  const id = `${of.id}:${showLsn(found.lsn)}:${of.way === 'tables' ? found.row : 1}`;
  if (copy.ledger.has(id)) return;
  const there = lookAtRow(merging, found);
  const { todo, why } =
    of.way === 'tail' ? mergeTable[rule].insert[there] : compareTable[rule][there];
  if (todo === 'leave' && of.way === 'tables') return;
  const outcome =
    todo === 'merge' ? 'merged' : todo === 'leave' ? 'alreadyThere' : ('conflict' as const);
  const entry = toEntry(merging, { ...found, id, outcome, why });
  const write = { row: found.row, value: found.value };
  if (outcome !== 'merged') return note(merging, { entry });
  if (!merging.parts.on.faults.has('A2')) return note(merging, { entry, write });
  // Without A2 the ledger is written first, on its own: a kill comes between.
  note(merging, { entry });
  await merging.parts.on.world.clock.sleep(apartMs);
  await commit(merging, { write });
}

/** Long enough for a store to die in between. */
const apartMs = 40;

function lookAtRow({ copy }: Merging, { row, value }: Found): RowThere {
  const ours = copy.rows.get(row);
  if (ours === undefined) return 'absent';
  if (ours === value) return 'same';
  const last = copy.log.findLast((entry) => rowWritten(entry)?.row === row);
  const isOwn = last !== undefined && last.lsn > copy.originHere && last.change.kind === 'write';
  return isOwn ? 'touched' : 'untouched';
}

function toEntry(
  { salvage: of, copy }: Merging,
  found: Found & Pick<LedgerEntry, 'id' | 'outcome' | 'why'>,
): LedgerEntry {
  const { row, value, lsn, ...judged } = found;
  const ours = copy.rows.get(row);
  return {
    ...judged,
    salvage: of.id,
    store: of.store,
    generation: of.generation,
    commitLsn: showLsn(lsn),
    ordinal: 1,
    act: 'insert',
    table: 'rows',
    key: row,
    theirs: { row, value },
    ...(ours !== undefined && { ours: { row, value: ours } }),
  };
}

async function commit(merging: Merging, what: Merged): Promise<void> {
  await enter(merging);
  note(merging, what);
}

/** Through the gate of the active copy; until its next wait the caller has it alone. */
async function enter({ parts, copy, order }: Merging): Promise<void> {
  parts.on.world.salvaging?.(parts.on.name);
  await parts.on.reach();
  checkGate(parts, copy, order.generation);
}

type Merged = Omit<Extract<FakeCopy['log'][number]['change'], { kind: 'merge' }>, 'kind'>;

function note({ parts, copy }: Merging, what: Merged): void {
  commitHere(parts, copy, { kind: 'merge', ...what });
}
