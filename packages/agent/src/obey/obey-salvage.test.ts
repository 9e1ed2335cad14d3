import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activeRecordOf,
  type ActiveRecord,
  asGeneration,
  asRun,
  type Order,
  type RefusalCode,
} from '@understudy/core';
import { names } from '@understudy/core/testing';
import { OrderRefusedError } from '@understudy/ports';
import type { Agent } from '../agent.ts';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const dataset = names.usersEast;
const by = { run: asRun('run-1'), attempt: 1 };

type Aside = TwoSites & { readonly database: string; readonly record: ActiveRecord };

/** West's copy, which follows, was set aside just now. */
async function withAside(): Promise<Aside> {
  const sites = await twoSites();
  const { clock, west } = sites;
  await clock.finish(west.byWord.seed({ dataset, store: names.westStore }));
  const { setAside, decisions } = await clock.finish(west.report());
  const record = activeRecordOf(decisions, dataset) ?? assert.fail();
  const found = setAside.find((each) => each.dataset === dataset && each.salvage !== undefined);
  assert.ok(found, 'a report tells what was set aside since the last cycle');
  return { ...sites, record, database: found.database };
}

function salvageOf({ record, database }: Aside): Order {
  return { kind: 'salvage', ...by, record, from: { store: names.westStore, database } };
}

function dropOf({ database }: Aside): Order {
  return { kind: 'dropSetAside', ...by, dataset, store: names.westStore, database };
}

async function refusal(sites: Aside, agent: Agent, order: Order): Promise<RefusalCode> {
  try {
    await sites.clock.finish(agent.client.obey(order));
  } catch (error) {
    if (error instanceof OrderRefusedError) return error.refusal.code;
    throw error;
  }
  return assert.fail(`${order.kind} was obeyed`);
}

test('salvage is the active copy’s to do, under the newest decision', async () => {
  const sites = await withAside();
  const { record } = sites;
  assert.equal(await refusal(sites, sites.west, salvageOf(sites)), 'notHere');
  await sites.clock.finish(
    sites.east.client.learn([{ ...record, generation: asGeneration(record.generation + 1) }]),
  );
  assert.equal(await refusal(sites, sites.east, salvageOf(sites)), 'staleGeneration');
});

test('A3: what was set aside goes when the fresh copy has its ledger', async () => {
  const sites = await withAside();
  assert.equal(await refusal(sites, sites.west, dropOf(sites)), 'rule');
  const { salvage, why } = await sites.clock.finish(sites.east.client.obey(salvageOf(sites)));
  assert.deepEqual([salvage?.way, salvage?.isComplete], ['nothing', true]);
  assert.match(why, /never mounted/);
  await sites.rounds(12);
  await sites.clock.finish(sites.west.client.obey(dropOf(sites)));
  assert.equal(sites.westStore.setAside.size, 0);
});

test('what is set aside and unread asks for a return, though no copy is diverged', async () => {
  const sites = await withAside();
  await sites.rounds(2);
  const { verdict } = await sites.clock.finish(sites.west.report());
  assert.match(verdict, /the return waits/);
});
