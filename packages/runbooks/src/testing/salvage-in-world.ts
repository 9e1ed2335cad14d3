import assert from 'node:assert/strict';
import {
  activeRecordOf,
  noLedgerCounts,
  type Order,
  type OrderReport,
  type Salvage,
} from '@understudy/core';
import type { SetAsideInWorld, WorldAgent } from './world-agent.ts';

// A3 in the harness' world: nothing is dropped before all that it holds is on the active copy.

export async function salvageInWorld(
  agent: WorldAgent,
  { record, from }: Extract<Order, { kind: 'salvage' }>,
): Promise<OrderReport> {
  await agent.control.learn([record]);
  const copy = agent.copy(record.dataset);
  const known = activeRecordOf(await agent.control.readDecisions(), record.dataset);
  if (!copy.isMounted || known?.generation !== record.generation) {
    agent.refuse('wrongState', `${record.dataset} is not mounted here now`);
  }
  const source = agent.world.agents.find(({ store }) => store === from.store);
  const kept = source?.setAside.find(({ database }) => database === from.database);
  if (kept?.copy === undefined || kept.salvage === undefined) {
    return agent.refuse('rule', `${from.store} has no ${from.database}`);
  }
  // The first order takes half of it, as one does that runs out of time.
  const missing = [...kept.copy.rows].filter((row) => !copy.rows.has(row));
  const isAll = missing.length <= 1;
  copy.rows = new Set([...copy.rows, ...(isAll ? missing : missing.slice(0, 1))]);
  if (isAll) copy.ledger = new Set([...copy.ledger, kept.salvage]);
  const way = { way: 'tail', why: 'read from its slot' } as const;
  const { generation, dataset } = record;
  const about = { id: kept.salvage, dataset, ...from, generation, ...way };
  const salvage: Salvage = { ...about, isComplete: isAll, counts: noLedgerCounts };
  return { salvage, why: `${from.database} is read` };
}

export async function dropInWorld(
  agent: WorldAgent,
  { dataset, database }: Extract<Order, { kind: 'dropSetAside' }>,
): Promise<OrderReport> {
  const kept = agent.setAside.find((each) => each.database === database);
  if (kept === undefined) return { why: 'gone already' };
  const copy = agent.copy(dataset);
  const source = agent.world.copiesOf(dataset).find(({ store }) => store === copy.following?.from);
  const isHere = [copy, source].some((each) => each?.ledger.has(kept.salvage ?? ''));
  if (!isHere) agent.refuse('rule', `the ledger of ${database} is not complete here`);
  assertNothingLost(agent, kept);
  agent.setAside.splice(agent.setAside.indexOf(kept), 1);
  return { why: `${database} is gone` };
}

function assertNothingLost({ world }: WorldAgent, { copy, database }: SetAsideInWorld): void {
  const { dataset, rows } = copy ?? assert.fail(`${database} holds nothing`);
  const active = world.copiesOf(dataset).find(({ isMounted }) => isMounted);
  const lost = [...rows].filter((row) => active?.rows.has(row) !== true);
  assert.deepEqual(lost, [], `A3: ${database} is dropped with rows that nobody else has`);
}
